using FinanceIntegrations.Sandbox.OAuth;
using FinanceIntegrations.Sandbox.Requests;

namespace FinanceIntegrations.Sandbox.Square;

/// <summary>Whose access token a request carries, and what it may read.</summary>
internal sealed class SquareAuthentication(SquarePlatform platform, GrantStore grants, TimeProvider clock)
{
    /// <param name="http">The request.</param>
    /// <param name="scope">What the endpoint asks for; null: any token will do.</param>
    /// <param name="error">Why it is refused.</param>
    public (Seller Seller, Grant Grant)? Identify(HttpContext http, string? scope, out SquareError? error)
    {
        error = VersionProblem(http.Request);
        var grant = TokenIn(http.Request) is { } token ? grants.Find(token) : null;
        var seller = grant is { Kind: GrantKind.AccessToken, Provider: SquareOAuth.Name } ? platform.Find(grant.Subject) : null;
        error ??= grant is null || seller is null ? SquareError.Unauthorized
            : grant.Revoked ? SquareError.Revoked
            : grant.ExpiresAt is { } end && clock.GetUtcNow().ToUnixTimeSeconds() >= end ? SquareError.Expired
            : scope is not null && !grant.Scope.Split(' ').Contains(scope) ? SquareError.Scopes(scope)
            : null;
        if (error is not null) return null;
        if (http.Features.Get<LoggedRequest>() is { } request) request.Account = seller!.Id;
        return (seller!, grant!);
    }

    private static string? TokenIn(HttpRequest request) =>
        request.Headers.Authorization.ToString() is { Length: > 7 } header && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : null;

    private static SquareError? VersionProblem(HttpRequest request) =>
        request.Headers["Square-Version"].ToString() is { Length: > 0 } version && !DateOnly.TryParseExact(version, "yyyy-MM-dd", out _)
            ? SquareError.Bad("INVALID_SQUARE_VERSION_FORMAT", "The version must be a date: YYYY-MM-DD.", "Square-Version")
            : null;
}
