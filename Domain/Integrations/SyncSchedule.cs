namespace FinanceIntegrations.Domain.Integrations;

/// <summary>When an integration is due next. Chance comes in as a number in [0, 1).</summary>
/// <param name="Jitter">Up to this share of a period is added by chance, so that those created together do not stay together. 0–1.</param>
/// <param name="FirstBackoff">Longest wait after a first failure; doubles with each further one. Above 0.</param>
/// <param name="LongestBackoff">No failure's wait is longer, unless the provider asks for it. At least <paramref name="FirstBackoff"/>.</param>
public sealed record SyncSchedule(double Jitter, TimeSpan FirstBackoff, TimeSpan LongestBackoff)
{
    public const int MinFrequencyMinutes = 1;
    public const int MaxFrequencyMinutes = 7 * 24 * 60;

    public static readonly SyncSchedule Default = new(0.1, TimeSpan.FromSeconds(30), TimeSpan.FromHours(6));

    /// <summary>After a good run: one period on, and the jitter. Not before any stream has news worth asking for.</summary>
    /// <param name="firstStreamDue">When the first of the streams is due by its own frequency; null: at every run.</param>
    public DateTimeOffset AfterSuccess(DateTimeOffset ended, int frequencyMinutes, double chance, DateTimeOffset? firstStreamDue = null)
    {
        var period = TimeSpan.FromMinutes(frequencyMinutes);
        var due = ended + period;
        if (firstStreamDue > due) due = firstStreamDue.Value;
        return due + (period * Jitter * chance);
    }

    /// <summary>After a failed run: exponential, half of it by chance, up to the longest; never before the provider's own wish.</summary>
    /// <param name="failedRuns">Failed runs in a row, at least 1.</param>
    public DateTimeOffset AfterFailure(DateTimeOffset ended, int failedRuns, TimeSpan? retryAfter, double chance)
    {
        var exponent = Math.Clamp(failedRuns - 1, 0, 30);
        var backoff = FirstBackoff.Ticks > LongestBackoff.Ticks >> exponent ? LongestBackoff : FirstBackoff * (1L << exponent);
        var wait = (backoff / 2) + (backoff / 2 * chance);
        return ended + (retryAfter is { } asked && asked > wait ? asked : wait);
    }
}
