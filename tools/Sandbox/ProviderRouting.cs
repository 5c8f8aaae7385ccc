namespace FinanceIntegrations.Sandbox;

/// <summary>Finds the provider that a path belongs to, and puts its prefix before root paths that only its libraries call.</summary>
internal sealed class ProviderRouting(RequestDelegate next, IEnumerable<ISandboxProvider> providers)
{
    private readonly ISandboxProvider[] _providers = [.. providers];

    public Task InvokeAsync(HttpContext http)
    {
        var path = http.Request.Path;
        foreach (var provider in _providers)
        {
            if (provider.OwnsRootPath(path)) http.Request.Path = $"/{provider.Name}{path}";
            else if (!path.StartsWithSegments("/" + provider.Name, StringComparison.Ordinal)) continue;
            http.Features.Set(provider);
            break;
        }
        return next(http);
    }
}
