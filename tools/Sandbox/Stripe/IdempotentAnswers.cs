namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>
/// The first answer of each idempotency key of an account, for 24 hours: of calls that began to execute, whatever came of them. One that
/// was not even valid leaves nothing (docs.stripe.com/api/idempotent_requests).
/// </summary>
internal sealed class IdempotentAnswers
{
    private const long KeptFor = 86_400;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = [];

    /// <summary>Takes the key for a call, unless it is taken.</summary>
    /// <param name="now">Unix seconds.</param>
    /// <returns>Both null: the caller executes, and then keeps the answer or releases the key.</returns>
    public (WriteAnswer? Kept, StripeError? Refused) Claim(string key, string fingerprint, long now)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var entry) || (entry.Answer is not null && entry.At + KeptFor <= now))
            {
                _entries[key] = new(fingerprint, null, now);
                return default;
            }
            if (entry.Fingerprint != fingerprint) return (null, StripeError.OtherParameters(key));
            return entry.Answer is { } answer ? (answer, null) : (null, StripeError.InFlight(key));
        }
    }

    public void Keep(string key, string fingerprint, WriteAnswer answer, long now)
    {
        lock (_lock) _entries[key] = new(fingerprint, answer, now);
    }

    /// <summary>The call did not execute.</summary>
    public void Release(string key)
    {
        lock (_lock) _entries.Remove(key);
    }

    /// <param name="Answer">Null: the call is in flight.</param>
    private sealed record Entry(string Fingerprint, WriteAnswer? Answer, long At);
}
