using FinanceIntegrations.Domain.Tokens;

namespace FinanceIntegrations.Domain.Integrations;

/// <summary>When a token is refreshed, tried again, and when its coming end is told. Chance comes in as a number in [0, 1).</summary>
public static class TokenPolicy
{
    /// <summary>Beyond the call's total time-out, an intent is taken for so long for one under way.</summary>
    public static readonly TimeSpan Spare = TimeSpan.FromSeconds(5);

    private static readonly SyncSchedule Backoff = SyncSchedule.Default with { LongestBackoff = TimeSpan.FromMinutes(15) };
    private static readonly TimeSpan ShortestBackoff = TimeSpan.FromSeconds(15);

    /// <summary>A token without a time to refresh it is never due. One from before there was such a time is due by its expiry.</summary>
    public static bool IsDue(TokenSet tokens, DateTimeOffset now) => DueAt(tokens) <= now;

    /// <summary>Null: never by itself.</summary>
    public static DateTimeOffset? DueAt(TokenSet tokens) =>
        tokens.RefreshAt ?? RefreshAt(tokens.ObtainedAt, tokens.ExpiresAt, new(), TokenMargins.Default, 0);

    /// <summary>Ahead of expiry by a margin and, by chance, up to a spread more, so that tokens issued together are not refreshed together.</summary>
    public static DateTimeOffset? RefreshAt(DateTimeOffset obtained, DateTimeOffset? expires, TokenRules rules, TokenMargins margins, double chance)
    {
        DateTimeOffset? wanted = rules.RefreshEvery is { } every ? obtained + (every * (1 - (margins.Spread * chance))) : null;
        if (expires is not { } end) return wanted;
        var lifetime = end > obtained ? end - obtained : TimeSpan.Zero;
        var margin = Longer(margins.Shortest, Shorter(lifetime * margins.Share, margins.Longest));
        var ahead = Shorter(margin, lifetime / 2) + (lifetime * margins.Spread * chance);
        return wanted < end - ahead ? wanted : end - ahead;
    }

    /// <summary>After a failure: exponential, and never so late that the grace in which the old token works has gone by.</summary>
    /// <param name="failures">In a row, at least 1.</param>
    public static DateTimeOffset RetryAt(TokenSet tokens, int failures, TimeSpan? retryAfter, TokenRules rules, DateTimeOffset now, double chance)
    {
        var wait = Backoff.AfterFailure(now, failures, null, chance) - now;
        if (tokens.UnansweredSince is { } since && since + rules.Grace > now)
            wait = Longer(ShortestBackoff, Shorter(wait, (since + rules.Grace - now) / 2));
        return now + (retryAfter is { } asked ? Longer(asked, wait) : wait);
    }

    /// <summary>The next moment at which the coming end is told; null: no further one.</summary>
    public static DateTimeOffset? WarnAt(DateTimeOffset? ends, TokenRules rules, DateTimeOffset now) =>
        rules.WarnDays.Select(days => ends - TimeSpan.FromDays(days)).Where(at => at > now).Min();

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
