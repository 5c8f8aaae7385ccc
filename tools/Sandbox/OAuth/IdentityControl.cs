namespace FinanceIntegrations.Sandbox.OAuth;

/// <param name="ReuseBurns">A rotated token that comes in after its grace ends everything of its consent.</param>
internal sealed record TokenLifeOrder(
    double? AccessSeconds, double? RefreshSeconds, double? GraceSeconds, double? KeepsValueForSeconds, bool? ReuseBurns);

internal sealed record OrganisationOrder(string? Name);

/// <summary>Control calls of every provider whose tokens rotate: organisations, token lives, the refresh log.</summary>
internal static class IdentityControl
{
    public static void MapIdentityControl(
        this IEndpointRouteBuilder control, string provider, Organisations organisations, RotatingTokens tokens, RefreshLog log, GrantStore grants)
    {
        control.MapGet("/accounts", () => organisations.All);
        control.MapPost("/accounts", (OrganisationOrder order) => Results.Ok(organisations.Add(order.Name)));
        control.MapGet("/tokens", () => Results.Ok(Shown(tokens.Life)));
        control.MapPost("/tokens", (TokenLifeOrder order) =>
        {
            tokens.Change(order);
            return Results.Ok(Shown(tokens.Life));
        });
        control.MapGet("/refreshes", (string? account) => log.Of(provider, account));
        control.MapPost("/accounts/{id}/revoke", (string id) =>
        {
            grants.Revoke(provider, id);
            return Results.NoContent();
        });
    }

    private static object Shown(TokenLife life) => new
    {
        AccessSeconds = life.AccessLifetime.TotalSeconds,
        RefreshSeconds = life.Lifetime.TotalSeconds,
        GraceSeconds = life.Grace.TotalSeconds,
        KeepsValueForSeconds = life.KeepsValueFor.TotalSeconds,
        life.ReuseBurns,
    };
}

/// <summary>A provider's token lives as they are now.</summary>
internal sealed class RotatingTokens(TokenLife real)
{
    private volatile TokenLife _life = real;

    public TokenLife Life => _life;

    /// <summary>What the order does not name stays.</summary>
    public void Change(TokenLifeOrder order)
    {
        var life = _life;
        _life = life with
        {
            AccessLifetime = Seconds(order.AccessSeconds) ?? life.AccessLifetime,
            Lifetime = Seconds(order.RefreshSeconds) ?? life.Lifetime,
            Grace = Seconds(order.GraceSeconds) ?? life.Grace,
            KeepsValueFor = Seconds(order.KeepsValueForSeconds) ?? life.KeepsValueFor,
            ReuseBurns = order.ReuseBurns ?? life.ReuseBurns,
        };
    }

    private static TimeSpan? Seconds(double? seconds) => seconds is { } given ? TimeSpan.FromSeconds(given) : null;
}
