using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Attention;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Sync;
using Npgsql;
using NpgsqlTypes;

namespace FinanceIntegrations.Data.Sync;

/// <param name="Failed">Those that nobody was told of, the oldest first.</param>
/// <param name="Mended">Payouts whose item is open, and that have not failed after all.</param>
public sealed record PayoutsSeen(IReadOnlyList<FailedPayout> Failed, IReadOnlyList<string> Mended);

/// <summary>Payouts that were ordered here or told of by webhooks: which are to be read, and which did not arrive.</summary>
public sealed class FollowedPayouts(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>Longer than a page of them takes. Whoever took them and died has read nothing.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    // Indexes: followed_payouts_due, the primary key; operations_of_subject. An order that was sent is here before the provider has it.
    private const string TakeSql = """
        update followed_payouts f set next_read_at = $4
        from (
            select payout_id from followed_payouts where integration_id = $1 and next_read_at <= $2
            order by next_read_at limit $3 for update skip locked) due
        where f.integration_id = $1 and f.payout_id = due.payout_id
        returning f.payout_id, f.since, exists (
            select from operations o
            where o.integration_id = $1 and o.subject_id = f.payout_id and o.kind = 'cancel_payout' and o.status <> 'failed')
        """;

    // Indexes: followed_payouts_due, or the primary key where there are few. What somebody wants read anew meanwhile stays due. Locked in one order, as in FollowSql.
    private const string NoteSql = """
        with mine as (
            select f.payout_id, n.at from followed_payouts f join unnest($2::text[], $3::timestamptz[]) as n (id, at) on n.id = f.payout_id
            where f.integration_id = $1 and f.next_read_at = $4
            order by f.payout_id for update of f)
        update followed_payouts f set next_read_at = mine.at from mine where f.integration_id = $1 and f.payout_id = mine.payout_id
        """;

    // Index: the primary key.
    private const string FollowSql = """
        insert into followed_payouts (integration_id, payout_id, since, next_read_at)
        select distinct $1, n.id, $3, $3 from unnest($2::text[]) as n (id) order by n.id
        on conflict (integration_id, payout_id) do update set next_read_at = excluded.next_read_at
        """;

    // Indexes: payouts_failed, the primary key of followed_payouts, attention_items_of_payouts.
    private const string FailedSql = """
        select p.external_id, p.amount, p.currency, p.failure_code
        from payouts p join followed_payouts f on f.integration_id = p.integration_id and f.payout_id = p.external_id
        where p.integration_id = $1 and p.status = 'failed' and not p.deleted and f.ordered and not exists (
            select from attention_items a
            where a.integration_id = $1 and a.key = 'payout_failed:' || p.external_id and a.kind = 'payout_failed'
              and (a.resolved_at is null or a.resolved_by <> 'system'))
        order by p.occurred_at limit $2
        """;

    // Indexes: attention_items_of_payouts, the primary key of payouts.
    private const string MendedSql = """
        select substr(a.key, 15) from attention_items a
        where a.integration_id = $1 and a.kind = 'payout_failed' and a.resolved_at is null and not exists (
            select from payouts p
            where p.integration_id = $1 and p.external_id = substr(a.key, 15) and p.status = 'failed' and not p.deleted)
        """;

    /// <summary>The next that are due, the longest due first; nobody else gets them for a while.</summary>
    /// <param name="dueBy">When the pass began: what it has read is not due to itself.</param>
    public async Task<IReadOnlyList<FollowedPayout>> TakeAsync(Guid integration, DateTimeOffset dueBy, CancellationToken cancel)
    {
        var until = clock.GetUtcNow() + Lease;
        await using var command = database.CreateCommand(TakeSql);
        return await command.With(integration).With(dueBy).With(PayoutFollowing.PageSize).With(until)
            .ListAsync(row => new FollowedPayout(row.GetString(0), row.Time(1), row.GetBoolean(2), until), cancel);
    }

    /// <summary>When each of those that were taken together is to be read next.</summary>
    /// <param name="read">At least one.</param>
    public async Task NoteAsync(Guid integration, IReadOnlyList<(FollowedPayout Payout, DateTimeOffset? NextReadAt)> read, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(read);
        await using var command = database.CreateCommand(NoteSql);
        command.With(integration).With(read.Select(one => one.Payout.Id).ToArray());
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset?[]>
        {
            TypedValue = [.. read.Select(one => one.NextReadAt)],
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
        });
        await command.With(read[0].Payout.TakenUntil).ExecuteNonQueryAsync(cancel);
    }

    /// <summary>These have news: they are due, whether they were followed or not.</summary>
    public async Task FollowAsync(Guid integration, IEnumerable<string> payouts, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(FollowSql);
        await command.With(integration).With(payouts.ToArray()).With(clock.GetUtcNow()).ExecuteNonQueryAsync(cancel);
    }

    public async Task<PayoutsSeen> LookAsync(Guid integration, CancellationToken cancel)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new(FailedSql) { Parameters = { Value(integration), Value(Lifecycle.MostFailedPayoutsAtOnce) } });
        batch.BatchCommands.Add(new(MendedSql) { Parameters = { Value(integration) } });
        await using var row = await batch.ExecuteReaderAsync(cancel);
        List<FailedPayout> failed = [];
        while (await row.ReadAsync(cancel)) failed.Add(new(row.GetString(0), row.GetDecimal(1), row.GetString(2), row.Text(3)));
        await row.NextResultAsync(cancel);
        List<string> mended = [];
        while (await row.ReadAsync(cancel)) mended.Add(row.GetString(0));
        return new(failed, mended);
    }

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };
}
