using FinanceIntegrations.Api.Auth;
using FinanceIntegrations.Api.Lists;
using FinanceIntegrations.Data.Auditing;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Auditing;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FinanceIntegrations.Api.Auditing;

/// <summary>Who did what, over all users: for administrators.</summary>
internal static class AuditEndpoints
{
    public static void MapAudit(this RouteGroupBuilder api)
    {
        var audit = api.MapGroup("/audit-log").WithTags("Administration").RequireAuthorization(AuthServices.Admin);
        audit.MapGet("/", List).WithName("ListAuditLog").WithSummary("Who did what, newest first")
            .WithDescription("By `integration`, `actor`, `action`, `from` and `to`. Entries are only ever added, and outlive what they are about.");
        audit.MapGet("/verification", Verify).WithName("VerifyAuditLog").WithSummary("Is the audit log as it was written?")
            .WithDescription("Computes every hash again, of one `integration` or of all: names each chain that was changed, or of which entries are missing.");
    }

    /// <summary>
    /// The request is in the audit log before it is carried out, so that nothing of its kind happens unseen. One that is refused afterwards has
    /// changed nothing.
    /// </summary>
    public static RouteHandlerBuilder Audited(this RouteHandlerBuilder route, string action) => route.AddEndpointFilter(async (context, next) =>
    {
        var http = context.HttpContext;
        await http.AuditAsync(action, (http.Request.RouteValues["endpoint"] ?? http.Request.RouteValues["event"])?.ToString());
        return await next(context);
    });

    /// <summary>What <see cref="Audited"/> does, for a request whose path does not say all: the handler calls it before it changes anything.</summary>
    /// <param name="details">Nothing secret or personal.</param>
    public static async Task AuditAsync(this HttpContext http, string action, string? subject, IReadOnlyDictionary<string, string?>? details = null)
    {
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        Guid? integration = Guid.TryParse(http.Request.RouteValues["id"]?.ToString(), out var id) ? id : null;
        var entry = new AuditEntry { Id = Guid.CreateVersion7(now), At = now, Actor = http.User.Id(), Action = action, Subject = subject };
        await http.RequestServices.GetRequiredService<AuditStore>().AppendAsync(
            integration, integration is null ? null : http.User.Id(), details is null ? entry : entry with { Details = details }, http.RequestAborted);
    }

    private static async Task<Results<Ok<Page<AuditRow>>, ProblemHttpResult>> List(
        [AsParameters] PageQuery page, Guid? integration, string? actor, string? action, DateTimeOffset? from, DateTimeOffset? to, AuditStore log,
        CancellationToken cancel)
    {
        if (page.Read(Positions.NewestGuid, out var after) is { } refused) return refused;
        var rows = await log.ListAsync(new(integration, actor, action), Period.Between(from, to), after, page.Size + 1, cancel);
        return TypedResults.Ok(page.Of(rows, entry => new Position<Guid>(entry.At, entry.Id)));
    }

    private static async Task<Ok<AuditVerdict>> Verify(Guid? integration, AuditStore log, CancellationToken cancel) =>
        TypedResults.Ok(await log.VerifyAsync(integration, cancel));
}
