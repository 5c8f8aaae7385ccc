using System.Threading.RateLimiting;

namespace FinanceIntegrations.Providers.Transport;

internal static class Pacing
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// A token bucket per account. Its burst is a quarter of the rate, so that even the first second stays within 5/4 of it. Waiting costs
    /// time, never a refusal; an account that is silent for some seconds costs nothing.
    /// </summary>
    /// <returns>Null for 0: not paced.</returns>
    public static PartitionedRateLimiter<string>? PerAccount(int callsPerSecond) => callsPerSecond == 0
        ? null
        : PartitionedRateLimiter.Create<string, string>(account => RateLimitPartition.GetTokenBucketLimiter(account, _ => new()
        {
            TokenLimit = Math.Max(1, callsPerSecond / 4),
            TokensPerPeriod = Math.Max(1, callsPerSecond / 10),
            ReplenishmentPeriod = callsPerSecond < 10 ? TimeSpan.FromSeconds(1.0 / callsPerSecond) : Beat,
            QueueLimit = int.MaxValue,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        }));
}
