namespace FinanceIntegrations.Sandbox.OAuth;

internal enum GrantKind
{
    Code,
    AccessToken,
    RefreshToken,
}

/// <summary>A code or token that was handed out, and what it stands for.</summary>
internal sealed record Grant
{
    public required string Token { get; init; }
    public required GrantKind Kind { get; init; }
    public required string Provider { get; init; }

    /// <summary>The account or organisation that the person chose.</summary>
    public required string Subject { get; init; }
    public required string Scope { get; init; }

    /// <summary>Unix seconds; null: lives until revoked.</summary>
    public long? ExpiresAt { get; init; }

    /// <summary>The claims that the server library attached, to be given back to it unchanged.</summary>
    public required IReadOnlyList<GrantClaim> Claims { get; init; }

    /// <summary>Everything that came from one consent; null where a provider knows no such thing.</summary>
    public string? Family { get; init; }

    /// <summary>Unix milliseconds.</summary>
    public long IssuedAt { get; init; }

    /// <summary>Unix milliseconds: when a refresh put another refresh token in its place.</summary>
    public long? RotatedAt { get; init; }

    /// <summary>A code that was exchanged.</summary>
    public bool Redeemed { get; init; }
    public bool Revoked { get; init; }
}

internal sealed record GrantClaim(string Type, string Value, string ValueType);
