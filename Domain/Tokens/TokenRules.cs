namespace FinanceIntegrations.Domain.Tokens;

/// <summary>
/// How a provider's tokens live: data of its connector. The defaults suppose the worst: each refresh burns the token that was sent.
/// </summary>
public sealed record TokenRules
{
    /// <summary>A refresh may bring another refresh token and end the one that was sent. False: the same one works, however often it is sent.</summary>
    public bool Rotates { get; init; } = true;

    /// <summary>For how long after a rotation the old refresh token works too. Zero: sent again, it is refused, or ends the grant.</summary>
    public TimeSpan Grace { get; init; }

    /// <summary>
    /// Access tokens are the deployment's own, whosever data they read: one that is refused though it is fresh is an operator's matter, and no
    /// user's consent has ended.
    /// </summary>
    public bool Own { get; init; }

    /// <summary>Life of an access token where the answer does not say it; null: does not expire.</summary>
    public TimeSpan? AccessLifetime { get; init; }

    /// <summary>Life of a refresh token where the answer does not say it; null: does not expire.</summary>
    public TimeSpan? RefreshLifetime { get; init; }

    /// <summary>The provider wants a refresh at least so often, whatever the expiry; null: it does not mind.</summary>
    public TimeSpan? RefreshEvery { get; init; }

    /// <summary>Calls of the token endpoint per minute, all users together, at least 1.</summary>
    public int CallsPerMinute { get; init; } = 1_200;

    /// <summary>Days before the end of consent or refresh token at which somebody is told, each once. Empty: never.</summary>
    public IReadOnlyList<int> WarnDays { get; init; } = [30, 7, 1];
}

/// <summary>How far ahead of its expiry a token is refreshed.</summary>
/// <param name="Share">Of the token's lifetime, 0–0.5.</param>
/// <param name="Shortest">At least so long, but never more than half of the lifetime.</param>
/// <param name="Longest">At most so long.</param>
/// <param name="Spread">Further share of the lifetime, 0–0.5, over which chance spreads tokens that were issued together.</param>
public sealed record TokenMargins(double Share, TimeSpan Shortest, TimeSpan Longest, double Spread)
{
    public static readonly TokenMargins Default = new(0.1, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1), 0.25);
}
