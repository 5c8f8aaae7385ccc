namespace FinanceIntegrations.Domain.Webhooks;

/// <summary>When a delivery that failed is tried again, and when it becomes a dead letter.</summary>
/// <param name="MaxAttempts">After so many failures a person looks at it. 1–20.</param>
/// <param name="FirstWait">Longest wait after the first failure; doubles with each further one. Above 0.</param>
public sealed record DeliveryRetry(int MaxAttempts, TimeSpan FirstWait)
{
    /// <summary>5 s, 10 s, 20 s … up to 11 minutes in all.</summary>
    public static readonly DeliveryRetry Default = new(8, TimeSpan.FromSeconds(5));

    /// <summary>Exponential, half of it by chance. Null: a dead letter.</summary>
    /// <param name="attempts">Failures so far, this one included.</param>
    /// <param name="chance">[0, 1).</param>
    public DateTimeOffset? NextAttempt(int attempts, DateTimeOffset now, double chance)
    {
        if (attempts >= MaxAttempts) return null;
        var wait = FirstWait * (1 << Math.Max(0, attempts - 1));
        return now + (wait / 2) + (wait / 2 * chance);
    }
}
