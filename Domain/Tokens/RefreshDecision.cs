using FinanceIntegrations.Domain.Integrations;

namespace FinanceIntegrations.Domain.Tokens;

/// <summary>Who wants new tokens, and why.</summary>
/// <param name="Reason">Decides how fresh tokens may be, and whether a failed try is waited out.</param>
/// <param name="Refused">When the tokens were obtained that the provider refused.</param>
public readonly record struct RefreshWish(RefreshReason Reason, DateTimeOffset? Refused = null)
{
    public static readonly RefreshWish Due = new(RefreshReason.Due);
    public static readonly RefreshWish Demanded = new(RefreshReason.Demanded);

    public static RefreshWish After401(DateTimeOffset obtainedAt) => new(RefreshReason.Refused, obtainedAt);
}

public enum RefreshReason
{
    /// <summary>Ahead of expiry.</summary>
    Due,

    /// <summary>A call was answered 401.</summary>
    Refused,

    /// <summary>Somebody asked.</summary>
    Demanded,
}

public enum RefreshStep
{
    /// <summary>The tokens are good, or nothing may be called.</summary>
    NotNeeded,

    /// <summary>Another's refresh is under way: look again at <see cref="RefreshDecision.Until"/>.</summary>
    Wait,

    /// <summary>A try has failed: not again before <see cref="RefreshDecision.Until"/>.</summary>
    Later,

    Go,

    /// <summary>A refresh whose end nobody knows may have rotated the token, but the old one still works: the same is sent again.</summary>
    ReuseInGrace,

    /// <summary>As before, and the old one may be burned: it is all that we have. The provider's answer decides whether the consent is over.</summary>
    TryOnce,

    /// <summary>There is nothing that could be sent: only the user can help.</summary>
    GiveUp,
}

/// <summary>What the keeper does about a wish: a pure rule over the state, the provider's data and the time.</summary>
public readonly record struct RefreshDecision(RefreshStep Step, DateTimeOffset? Until = null)
{
    /// <summary>Callers that waited for a refresh are answered by its result: so young tokens are not refreshed on demand.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    public bool Sends => Step is RefreshStep.Go or RefreshStep.ReuseInGrace or RefreshStep.TryOnce;

    /// <param name="state">As it is stored.</param>
    /// <param name="wish">Why.</param>
    /// <param name="rules">The provider's.</param>
    /// <param name="fingerprint">Of the refresh token that we hold; null: we hold none.</param>
    /// <param name="me">Owner of the intents of the activation that asks; it has no call under way.</param>
    /// <param name="now">The time.</param>
    public static RefreshDecision Of(
        IntegrationState state, RefreshWish wish, TokenRules rules, string? fingerprint, string me, DateTimeOffset now)
    {
        if (state is not { Exists: true, Enabled: true, Tokens: { } tokens } || state.Status == IntegrationStatus.Expired || !IsNeeded(state, wish, now))
            return new(RefreshStep.NotNeeded);
        if (state.Refresh is { } other && other.Owner != me && now < other.Deadline) return new(RefreshStep.Wait, other.Deadline);
        if (fingerprint is null) return new(RefreshStep.GiveUp);
        if (wish.Reason != RefreshReason.Demanded && state.RefreshFailures > 0 && tokens.RefreshAt is { } again && now < again)
            return new(RefreshStep.Later, again);
        if (tokens.RefreshExpiresAt <= now && state.RefreshFailures > 0) return new(RefreshStep.GiveUp);   // asked once since its end, in vain
        if (!rules.Rotates || UnansweredSince(state, fingerprint) is not { } since) return new(RefreshStep.Go);
        return new(now < since + rules.Grace ? RefreshStep.ReuseInGrace : RefreshStep.TryOnce);
    }

    /// <summary>Since when it is unknown whether the provider has rotated this token; null: it has not.</summary>
    internal static DateTimeOffset? UnansweredSince(IntegrationState state, string fingerprint) =>
        state.Tokens?.UnansweredSince ?? (state.Refresh is { } left && left.Fingerprint == fingerprint ? left.BegunAt : null);

    private static bool IsNeeded(IntegrationState state, RefreshWish wish, DateTimeOffset now)
    {
        var tokens = state.Tokens!;
        if (state.Refresh is not null) return true;   // begun, and its end is unknown: it is brought to one
        return wish.Reason switch
        {
            RefreshReason.Due => TokenPolicy.IsDue(tokens, now),
            RefreshReason.Refused => tokens.ObtainedAt <= wish.Refused,
            _ => now - tokens.ObtainedAt >= Fresh,
        };
    }
}
