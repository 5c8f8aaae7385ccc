using FinanceIntegrations.Domain.Budgets;

namespace FinanceIntegrations.Providers.Transport;

/// <summary>How one process calls one provider. Section <c>Providers:{Name}:Limits</c>.</summary>
public sealed class TransportLimits
{
    /// <summary>One attempt, body included. Default 30 s; writes have this one attempt.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A read with its retries and waits. Default 80 s.</summary>
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromSeconds(80);

    /// <summary>Second and third attempts of safe reads, 0–2. Default 2.</summary>
    public int MaxRetries { get; set; } = 2;

    /// <summary>First wait before a retry; doubles, with jitter. Default 0.5 s.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest wait inside a call. A provider that asks for more is left to the schedule. Default 5 s.</summary>
    public TimeSpan LongestRetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Calls at the same time, all accounts together. Default 64.</summary>
    public int ConcurrentCalls { get; set; } = 64;

    /// <summary>Calls per second for one account at the provider, all silos together; 0: not paced. Default 20.</summary>
    public int CallsPerSecondPerAccount { get; set; } = 20;

    /// <summary>The provider's other limits, each <c>{ Scope, Class, Calls, Per, ResetsAt }</c>. Default: none.</summary>
    public IList<CallLimit> Budgets { get; init; } = [];

    /// <summary>Longest wait of a sync's call for its turn; what would have to wait longer is left to the schedule. Default 75 s: a minute's window.</summary>
    public TimeSpan LongestBudgetWait { get; set; } = TimeSpan.FromSeconds(75);

    /// <summary>Bytes of an answer's body; more is refused. Default 32 MiB.</summary>
    public int LongestBody { get; set; } = 32 * 1024 * 1024;

    internal ProviderLimits Of(string provider) => new(
        provider,
        [
            .. Budgets,
            .. CallsPerSecondPerAccount == 0 ? Enumerable.Empty<CallLimit>() : [new CallLimit { Calls = CallsPerSecondPerAccount, Per = TimeSpan.FromSeconds(1) }],
        ],
        LongestBudgetWait);

    internal IEnumerable<string> Problems(string section)
    {
        if (AttemptTimeout <= TimeSpan.Zero || AttemptTimeout > TimeSpan.FromMinutes(10))
            yield return $"{section}:{nameof(AttemptTimeout)} must be above 0 and at most 10 minutes.";
        if (TotalTimeout < AttemptTimeout || TotalTimeout > TimeSpan.FromHours(1))
            yield return $"{section}:{nameof(TotalTimeout)} must be between {nameof(AttemptTimeout)} and 1 hour.";
        if (MaxRetries is < 0 or > 2) yield return $"{section}:{nameof(MaxRetries)} must be 0–2.";
        if (RetryDelay < TimeSpan.Zero) yield return $"{section}:{nameof(RetryDelay)} must not be negative.";
        if (LongestRetryDelay < RetryDelay) yield return $"{section}:{nameof(LongestRetryDelay)} must not be below {nameof(RetryDelay)}.";
        if (ConcurrentCalls < 1) yield return $"{section}:{nameof(ConcurrentCalls)} must be at least 1.";
        if (CallsPerSecondPerAccount < 0) yield return $"{section}:{nameof(CallsPerSecondPerAccount)} must not be negative.";
        if (LongestBudgetWait < TimeSpan.Zero || LongestBudgetWait > TimeSpan.FromHours(1))
            yield return $"{section}:{nameof(LongestBudgetWait)} must be from 0 to 1 hour.";
        for (var i = 0; i < Budgets.Count; i++)
            foreach (var problem in Budgets[i].Problems($"{section}:{nameof(Budgets)}:{i}")) yield return problem;
        if (CallsPerSecondPerAccount >= 0 && Of("").Limits is var all && all.DistinctBy(l => (l.Scope, l.Class, l.Per)).Count() < all.Count)
            yield return $"{section}:{nameof(Budgets)} names two limits of the same scope, class and period; one second per account is {nameof(CallsPerSecondPerAccount)}.";
        if (LongestBody < 1024) yield return $"{section}:{nameof(LongestBody)} must be at least 1024.";
    }
}
