using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Data.Records;
using FinanceIntegrations.Domain.Providers;
using Npgsql;

namespace FinanceIntegrations.Data.Sync;

/// <summary>Passes over everything, held against what we hold.</summary>
public sealed class WholePasses(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>Rows that we hold of the stream, and those of them that its last pass over everything did not show.</summary>
    /// <remarks>What came or changed since the pass began, by a webhook, is not missed.</remarks>
    public async Task<(long Held, long Missing)> CompareAsync(Guid integration, StreamInfo stream, CancellationToken cancel)
    {
        // Indexes: the table's primary key, and those of sync_cursors and pass_rows.
        await using var command = database.CreateCommand($"""
            select count(*), count(*) filter (where t.last_seen_at < c.whole_began_at and p.shown_at is null)
            from sync_cursors c
            join {RecordTables.Of(stream.Kind).Name} t on t.integration_id = c.integration_id and not t.deleted{OfType(stream)}
            left join pass_rows p on p.integration_id = $1 and p.stream = $2 and p.external_id = t.external_id and p.shown_at >= c.whole_began_at
            where c.integration_id = $1 and c.stream = $2
            """);
        Bind(command, integration, stream);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <summary>Takes what the pass did not show for deleted, and forgets the pass: it is judged once.</summary>
    /// <returns>Rows marked deleted.</returns>
    public async Task<long> BelieveAsync(Guid integration, StreamInfo stream, CancellationToken cancel) =>
        await SettleAsync(integration, stream, "true", cancel) ?? 0;

    /// <summary>The same for a pass that was doubted, because a person says that it is right.</summary>
    /// <returns>Null: no doubted pass stands, or another is under way; nothing was changed.</returns>
    public Task<long?> AcceptAsync(Guid integration, StreamInfo stream, CancellationToken cancel) =>
        SettleAsync(integration, stream, "doubted and open_whole is null", cancel);

    /// <summary>Leaves everything as it is, and keeps what the pass has shown for whoever accepts it.</summary>
    public async Task DoubtAsync(Guid integration, StreamInfo stream, CancellationToken cancel)
    {
        // Index: primary key of sync_cursors.
        await using var command = database.CreateCommand("update sync_cursors set doubted = true where integration_id = $1 and stream = $2");
        await command.With(integration).With(stream.Id).ExecuteNonQueryAsync(cancel);
    }

    private async Task<long?> SettleAsync(Guid integration, StreamInfo stream, string condition, CancellationToken cancel)
    {
        // Indexes: the table's primary key, and those of sync_cursors and pass_rows.
        await using var command = database.CreateCommand($"""
            with judged as (
                update sync_cursors set pass_whole = false, doubted = false where integration_id = $1 and stream = $2 and {condition}
                returning whole_began_at as began_at),
            gone as (
                update {RecordTables.Of(stream.Kind).Name} t set deleted = true, last_seen_at = ${(stream.RowType is null ? 3 : 4)}
                from judged j
                where t.integration_id = $1 and not t.deleted{OfType(stream)} and t.last_seen_at < j.began_at
                  and not exists (select 1 from pass_rows p
                      where p.integration_id = $1 and p.stream = $2 and p.external_id = t.external_id and p.shown_at >= j.began_at)
                returning 1),
            forgotten as (
                delete from pass_rows where integration_id = $1 and stream = $2 and exists (select from judged))
            select case when exists (select from judged) then (select count(*) from gone) end
            """);
        Bind(command, integration, stream);
        command.With(clock.GetUtcNow());
        return await command.ExecuteScalarAsync(cancel) as long?;
    }

    /// <summary>What we hold of the stream's transactions, by currency; null while parked rows leave it short.</summary>
    public async Task<IReadOnlyDictionary<string, decimal>?> NetAsync(Guid integration, StreamInfo stream, CancellationToken cancel)
    {
        // Indexes: transactions' primary key; parked_rows_newest.
        await using var command = database.CreateCommand("""
            select currency, sum(net) from transactions
            where integration_id = $1 and not deleted
              and not exists (select 1 from parked_rows p where p.integration_id = $1 and p.stream = $2)
            group by currency
            union all
            select null, null where exists (select 1 from parked_rows p where p.integration_id = $1 and p.stream = $2)
            """);
        command.With(integration).With(stream.Id);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var sums = new Dictionary<string, decimal>();
        while (await reader.ReadAsync(cancel))
        {
            if (reader.IsDBNull(0)) return null;
            sums[reader.GetString(0)] = reader.GetDecimal(1);
        }
        return sums;
    }

    private static void Bind(NpgsqlCommand command, Guid integration, StreamInfo stream)
    {
        command.With(integration).With(stream.Id);
        if (stream.RowType is { } type) command.With(type);
    }

    private static string OfType(StreamInfo stream) => stream.RowType is null ? "" : " and t.type = $3";
}
