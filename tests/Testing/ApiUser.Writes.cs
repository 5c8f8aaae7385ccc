namespace FinanceIntegrations.Testing;

/// <summary>What a user with the role <c>writer</c> changes at a provider.</summary>
public sealed partial class ApiUser
{
    /// <summary>Orders it, with an Idempotency-Key, and waits up to a minute for its end.</summary>
    /// <param name="path">Behind the integration: <c>payouts</c>, <c>disputes/dp_1/accept</c>.</param>
    /// <param name="key">Null: one that nobody has used.</param>
    public Task<ApiAnswer> OrderAsync(string id, string path, object? body = null, string? key = null, CancellationToken cancel = default) =>
        SendAsync(HttpMethod.Post, $"/{id}/{path}", body ?? new { }, cancel, ("Idempotency-Key", key ?? Guid.CreateVersion7().ToString()), ("Prefer", "wait=60"));
}
