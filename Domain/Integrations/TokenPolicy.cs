namespace FinanceIntegrations.Domain.Integrations;

/// <summary>When a token is refreshed.</summary>
public static class TokenPolicy
{
    /// <summary>Total time-out of a refresh call and 5 s: until then an intent is taken for one under way.</summary>
    public static readonly TimeSpan IntentLifetime = TimeSpan.FromSeconds(35);

    /// <summary>Ahead of expiry by a tenth of the lifetime, between 1 and 10 minutes. A token without expiry is never due.</summary>
    public static bool IsDue(TokenSet tokens, DateTimeOffset now)
    {
        if (tokens.ExpiresAt is not { } expires) return false;
        var tenth = (expires - tokens.ObtainedAt) / 10;
        var margin = TimeSpan.FromTicks(Math.Clamp(tenth.Ticks, TimeSpan.FromMinutes(1).Ticks, TimeSpan.FromMinutes(10).Ticks));
        return now >= expires - margin;
    }
}
