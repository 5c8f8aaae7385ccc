namespace FinanceIntegrations.Sandbox.OAuth;

/// <summary>Whose access token a request carries.</summary>
internal sealed class Bearer(GrantStore grants, TimeProvider clock)
{
    /// <summary>Null: none, or one that does not live.</summary>
    public Grant? Of(HttpRequest request, string provider)
    {
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return null;
        return grants.Find(header[7..].Trim()) is { Kind: GrantKind.AccessToken, Revoked: false } grant && grant.Provider == provider
            && (grant.ExpiresAt is not { } end || clock.GetUtcNow().ToUnixTimeSeconds() < end)
                ? grant
                : null;
    }
}
