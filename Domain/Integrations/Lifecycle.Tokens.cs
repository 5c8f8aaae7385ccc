using System.Globalization;
using FinanceIntegrations.Domain.Attention;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Tokens;

namespace FinanceIntegrations.Domain.Integrations;

/// <summary>The state machine's third part: tokens, and when the grain wakes for them.</summary>
public static partial class Lifecycle
{
    /// <summary>Stored before the call. What an intent that was left open may have done to the token stays noted with the token.</summary>
    public static IntegrationState RefreshBegun(IntegrationState state, RefreshIntent intent, DateTimeOffset now)
    {
        var next = state with { Refresh = intent, UpdatedAt = now };
        if (state.Tokens is not { } tokens) return next;
        next = next with { Tokens = tokens with { UnansweredSince = RefreshDecision.UnansweredSince(state, intent.Fingerprint) } };
        return state.Refresh is { } left
            ? next.Log(now, "warning", "token_refresh_interrupted",
                string.Create(CultureInfo.InvariantCulture, $"What became of the refresh of {left.BegunAt.UtcDateTime:u} is unknown: the same token is sent again."))
            : next;
    }

    /// <summary>
    /// The attempt brought tokens. Those of a user who left, of an integration that was deleted or authorized again, or of an attempt that
    /// another took over, bring nothing back.
    /// </summary>
    public static IntegrationState Refreshed(IntegrationState state, Guid attempt, TokenSet tokens, DateTimeOffset now)
    {
        if (state.Refresh?.Attempt != attempt) return state;
        if (state.Tokens is not { } before) return state with { Refresh = null, UpdatedAt = now };
        var next = (state with { Tokens = tokens, Refresh = null, RefreshFailures = 0, UpdatedAt = now, Health = state.Health.Record(true) })
            .Log(now, "info", "token_refreshed", "New tokens stored.");
        if (tokens.RefreshExpiresAt is null || tokens.RefreshExpiresAt > before.RefreshExpiresAt)
            next = next.Settle(AttentionKinds.ConsentEndsSoon, "gone", AttentionSettlement.BySystem, now);
        return state is { Status: IntegrationStatus.Error, FailedRuns: 0 }
            ? To(next with { LastProblem = null }, IntegrationStatus.Active, "token_refreshed", now)   // nothing else was wrong
            : next;
    }

    /// <summary>The attempt brought no tokens: the consent is over, or it is tried again later.</summary>
    /// <param name="chance">[0, 1), for the wait.</param>
    public static IntegrationState RefreshFailed(
        IntegrationState state, Guid attempt, ProviderError error, TokenRules rules, double chance, DateTimeOffset now)
    {
        if (state.Refresh is not { } intent || intent.Attempt != attempt) return state;
        var failures = state.RefreshFailures + 1;
        var next = state with
        {
            Refresh = null,
            RefreshFailures = failures,
            LastProblem = ProblemOf(error, now),
            Health = state.Health.Record(false),
            UpdatedAt = now,
        };
        next = next.Log(now, "warning", "token_refresh_failed", $"{error.Message} ({error.Code})");
        if (state.Tokens is not { } tokens) return next;
        tokens = tokens with { UnansweredSince = tokens.UnansweredSince ?? (MayHaveRotated(error) ? intent.BegunAt : null) };
        next = next with { Tokens = tokens with { RefreshAt = TokenPolicy.RetryAt(tokens, failures, error.RetryAfter, rules, now, chance) } };
        if (!state.Enabled || state.Status == IntegrationStatus.Expired) return next;   // switched off or left meanwhile
        if (error.NeedsUser) return Expired(next, error.Code, now);
        var merelyPaced = error.Class == ErrorClass.RateLimited && tokens.ExpiresAt > now;
        return merelyPaced ? next : To(next, IntegrationStatus.Error, error.Code, now);
    }

    /// <summary>There is no token that could be sent.</summary>
    public static IntegrationState RefreshGivenUp(IntegrationState state, ProviderError why, DateTimeOffset now) => Expired(
        (state with { Refresh = null, LastProblem = ProblemOf(why, now), UpdatedAt = now }).Log(now, "warning", "token_refresh_failed", $"{why.Message} ({why.Code})"),
        why.Code, now);

    /// <summary>Tells once per threshold that consent or refresh token come to their end; the same state where it is not the time.</summary>
    public static IntegrationState ConsentWarned(IntegrationState state, TokenRules rules, DateTimeOffset now)
    {
        if (state.Status == IntegrationStatus.Expired || state.Tokens is not { WarnAt: { } at, RefreshExpiresAt: { } ends } tokens || now < at) return state;
        var left = Math.Max(0, Math.Ceiling((ends - now).TotalDays));
        return (state with { Tokens = tokens with { WarnAt = TokenPolicy.WarnAt(ends, rules, now) }, UpdatedAt = now })
            .Log(now, "warning", "consent_ends_soon", string.Create(CultureInfo.InvariantCulture, $"The consent ends in {left:0} days, on {ends.UtcDateTime:yyyy-MM-dd}."))
            .Raise(ConsentItems.EndsSoon(state, ends, now));
    }

    /// <summary>When the grain has something to do by itself: a run, a refresh, a warning, a deadline, a purge; null: not before the user has done something.</summary>
    public static DateTimeOffset? NextWakeAt(IntegrationState state, DateTimeOffset now)
    {
        DateTimeOffset?[] moments = [NextRunAt(state, now), TokensNeedAt(state), ConsentWarningAt(state), WritesNeedAt(state), DisputesNeedAt(state), state.PurgePending ? now : null];
        return moments.Min();
    }

    /// <summary>When the tokens want attention by themselves: an intent without an end, else their time to be refreshed.</summary>
    public static DateTimeOffset? TokensNeedAt(IntegrationState state) =>
        IsCalled(state) ? state.Refresh?.Deadline ?? TokenPolicy.DueAt(state.Tokens!) : null;

    private static DateTimeOffset? ConsentWarningAt(IntegrationState state) => IsCalled(state) ? state.Tokens!.WarnAt : null;

    private static bool IsCalled(IntegrationState state) =>
        state is { Exists: true, Enabled: true, Tokens: not null } && state.Status != IntegrationStatus.Expired;

    /// <summary>The provider had the token, or something behind its door had it, and nobody told us how it ended.</summary>
    private static bool MayHaveRotated(ProviderError error) => error.Class is ErrorClass.OutcomeUnknown or ErrorClass.ProviderUnavailable;
}
