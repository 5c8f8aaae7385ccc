namespace FinanceIntegrations.Domain.Webhooks;

/// <summary>When a delivery that failed is tried again, and when it becomes a dead letter.</summary>
public static class DeliveryRetry
{
    /// <summary>After so many failures a person looks at it.</summary>
    public const int MaxAttempts = 8;

    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);

    /// <summary>5 s, 10 s, 20 s … up to 11 minutes, half of each by chance. Null: a dead letter.</summary>
    /// <param name="attempts">Failures so far, this one included.</param>
    /// <param name="chance">[0, 1).</param>
    public static DateTimeOffset? NextAttempt(int attempts, DateTimeOffset now, double chance)
    {
        if (attempts >= MaxAttempts) return null;
        var wait = First * (1 << Math.Max(0, attempts - 1));
        return now + (wait / 2) + (wait / 2 * chance);
    }
}
