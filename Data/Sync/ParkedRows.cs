using FinanceIntegrations.Data.Records;
using FinanceIntegrations.Domain.Providers;
using Npgsql;

namespace FinanceIntegrations.Data.Sync;

/// <summary>Rows that did not fit: how many wait, taking them to be mapped again, and letting them rest.</summary>
public sealed class ParkedRows(NpgsqlDataSource database)
{
    // Index: parked_rows_waiting.
    private const string WaitingSql = """
        select stream, count(*) from parked_rows where integration_id = $1 and dismissed_at is null group by stream
        """;

    /// <summary>Parked rows that wait for somebody, by stream. Those that the provider has mended since are forgotten first.</summary>
    public async Task<IReadOnlyDictionary<string, long>> WaitingAsync(
        Guid integration, IReadOnlyList<StreamInfo> streams, CancellationToken cancel)
    {
        var waiting = await CountAsync(integration, cancel);
        if (waiting.Count == 0) return waiting;
        foreach (var stream in streams.Where(s => waiting.ContainsKey(s.Id))) await ForgetMendedAsync(integration, stream, cancel);
        return await CountAsync(integration, cancel);
    }

    private async Task<Dictionary<string, long>> CountAsync(Guid integration, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(WaitingSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = integration });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var counts = new Dictionary<string, long>();
        while (await reader.ReadAsync(cancel)) counts[reader.GetString(0)] = reader.GetInt64(1);
        return counts;
    }

    /// <summary>A record that we hold as new or newer than the parked row of its id says all that the row could.</summary>
    private async Task ForgetMendedAsync(Guid integration, StreamInfo stream, CancellationToken cancel)
    {
        // Indexes: parked_rows_waiting and the table's primary key.
        await using var command = database.CreateCommand($"""
            delete from parked_rows p using {RecordTables.Of(stream.Kind).Name} t
            where p.integration_id = $1 and p.stream = $2 and p.dismissed_at is null
              and t.integration_id = $1 and t.external_id = p.external_id and t.as_of >= coalesce(p.as_of, p.parked_at)
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = integration });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream.Id });
        await command.ExecuteNonQueryAsync(cancel);
    }
}
