namespace FinanceIntegrations.Sandbox.OAuth;

/// <summary>How a provider's tokens live and rotate. Compressed on demand: a test does not wait for days.</summary>
internal sealed record TokenLife
{
    /// <summary>Of access tokens.</summary>
    public required TimeSpan AccessLifetime { get; init; }

    /// <summary>Of refresh tokens, from their issue.</summary>
    public required TimeSpan Lifetime { get; init; }

    /// <summary>For how long a rotated refresh token can be used again.</summary>
    public TimeSpan Grace { get; init; }

    /// <summary>For how long a refresh hands the same refresh token out again.</summary>
    public TimeSpan KeepsValueFor { get; init; }

    /// <summary>A rotated token that comes in after its grace ends everything of its consent.</summary>
    public bool ReuseBurns { get; init; }
}

/// <summary>What became of a refresh token that was presented.</summary>
internal enum RefreshOutcome
{
    /// <summary>Unknown, expired, revoked, or rotated too long ago.</summary>
    Refused,

    /// <summary>Another one is in its place.</summary>
    Rotated,

    /// <summary>The same was handed out again.</summary>
    Kept,

    /// <summary>It was rotated before, and its grace lasts: another one was issued.</summary>
    Reused,

    /// <summary>It was rotated before: everything of its consent has ended.</summary>
    Burned,
}

/// <summary>Carried through the server library from the decision to the answer.</summary>
internal sealed record RefreshOutcomeOf(string Token, RefreshOutcome Outcome)
{
    public const string Name = "sandbox_refresh";
}
