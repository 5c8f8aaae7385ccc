using FinanceIntegrations.Data.Reading;
using Npgsql;

namespace FinanceIntegrations.Data.Endpoints;

/// <summary>What an Idempotency-Key stands for.</summary>
/// <param name="Resource">The id that the key's first request chose.</param>
/// <param name="SameRequest">False: the key was used with another body.</param>
/// <param name="First">This request claimed the key.</param>
public sealed record IdempotencyClaim(Guid Resource, bool SameRequest, bool First);

/// <summary>Idempotency keys of users' requests. The id is chosen and kept before anything is made, so that a retry repairs a crash.</summary>
public sealed class IdempotencyKeys(NpgsqlDataSource database)
{
    // Index: the primary key. The update changes nothing: it waits for a concurrent first request and returns its row.
    private const string ClaimSql = """
        insert into idempotency_keys as k (owner_id, key, request_hash, resource_id, created_at)
        values ($1, $2, $3, $4, $5)
        on conflict (owner_id, key) do update set key = excluded.key
        returning k.resource_id, k.request_hash = $3, k.resource_id = $4
        """;

    // Index: idempotency_keys_by_age.
    private const string ForgetSql = "delete from idempotency_keys where created_at < $1";

    /// <summary>Forgets keys that were first used before that moment: the same key is then a new request.</summary>
    /// <returns>How many.</returns>
    public async Task<int> ForgetAsync(DateTimeOffset before, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ForgetSql);
        return await command.With(before).ExecuteNonQueryAsync(cancel);
    }

    /// <param name="proposed">The id that the resource gets if the key is new.</param>
    public async Task<IdempotencyClaim> ClaimAsync(
        string owner, string key, byte[] requestHash, Guid proposed, DateTimeOffset now, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ClaimSql);
        command.With(owner).With(key).With(requestHash).With(proposed).With(now);
        return (await command.FirstAsync(r => new IdempotencyClaim(r.GetGuid(0), r.GetBoolean(1), r.GetBoolean(2)), cancel))!;
    }
}
