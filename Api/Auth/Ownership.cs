using FinanceIntegrations.Api.Problems;
using FinanceIntegrations.Data.Reading;

namespace FinanceIntegrations.Api.Auth;

/// <summary>The caller's integration that the address names, once <see cref="Ownership"/> has let the request in.</summary>
internal sealed class OwnedIntegration
{
    private IntegrationRow? _row;

    public IntegrationRow Row
    {
        get => _row ?? throw new InvalidOperationException("The endpoint lies outside the group that checks ownership.");
        set => _row = value;
    }

    public Guid Id => Row.Id;
}

/// <summary>Lets only the owner in. A foreign integration answers exactly like an unknown one.</summary>
internal sealed class Ownership : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!Guid.TryParse((string?)http.GetRouteValue("id"), out var id)) return Problem.NotFound("integration");
        var services = http.RequestServices;
        var row = await services.GetRequiredService<IntegrationReader>().FindAsync(id, http.User.Id(), http.RequestAborted);
        if (row is null) return Problem.NotFound("integration");
        services.GetRequiredService<OwnedIntegration>().Row = row;
        return await next(context);
    }
}
