namespace FinanceIntegrations.Domain.Integrations;

/// <summary>When an integration is due next. Chance comes in as a number in [0, 1).</summary>
public static class SyncSchedule
{
    public const int MinFrequencyMinutes = 1;
    public const int MaxFrequencyMinutes = 7 * 24 * 60;

    private static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromHours(6);

    /// <summary>After a good run: one period on, up to a tenth of it later, so that those created together do not stay together.</summary>
    public static DateTimeOffset AfterSuccess(DateTimeOffset ended, int frequencyMinutes, double chance)
    {
        var period = TimeSpan.FromMinutes(frequencyMinutes);
        return ended + period + (period * 0.1 * chance);
    }

    /// <summary>After a failed run: exponential, half of it by chance, at most six hours; never before the provider's own wish.</summary>
    /// <param name="failedRuns">Failed runs in a row, at least 1.</param>
    public static DateTimeOffset AfterFailure(DateTimeOffset ended, int failedRuns, TimeSpan? retryAfter, double chance)
    {
        var exponent = Math.Clamp(failedRuns - 1, 0, 20);
        var backoff = FirstBackoff * (1 << exponent);
        if (backoff > LongestBackoff) backoff = LongestBackoff;
        var wait = (backoff / 2) + (backoff / 2 * chance);
        return ended + (retryAfter is { } asked && asked > wait ? asked : wait);
    }
}
