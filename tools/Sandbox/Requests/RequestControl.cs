namespace FinanceIntegrations.Sandbox.Requests;

/// <summary><c>/control/requests</c>: what was asked, in order.</summary>
internal static class RequestControl
{
    public static void MapRequestControl(this IEndpointRouteBuilder control)
    {
        control.MapGet("/requests", (string? provider, string? path, long? since, RequestLog log) => log.Read(provider, path, since ?? 0));
        control.MapDelete("/requests", (RequestLog log) =>
        {
            log.Clear();
            return Results.NoContent();
        });
    }
}
