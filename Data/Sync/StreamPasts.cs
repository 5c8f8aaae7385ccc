using FinanceIntegrations.Domain.Sync;
using Npgsql;

namespace FinanceIntegrations.Data.Sync;

/// <summary>Which passes over an integration's streams have come to their end.</summary>
public sealed class StreamPasts(NpgsqlDataSource database)
{
    /// <summary>Row of <c>sync_cursors</c> that a stream's history has beside the stream's own.</summary>
    public static string HistoryOf(string stream) => stream + "/history";

    /// <summary>By stream; one that was never begun is absent.</summary>
    public async Task<IReadOnlyDictionary<string, StreamPast>> OfAsync(Guid integration, CancellationToken cancel)
    {
        // Index: primary key of sync_cursors, both times.
        await using var command = database.CreateCommand("""
            select c.stream, c.run_id, c.last_pass_at, greatest(c.last_full_at, h.last_pass_at),
                case when h.last_pass_at is null then c.history_before end, h.progress
            from sync_cursors c
            left join sync_cursors h on h.integration_id = c.integration_id and h.stream = c.stream || '/history'
            where c.integration_id = $1 and c.mode <> 'history'
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = integration });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var pasts = new Dictionary<string, StreamPast>();
        while (await reader.ReadAsync(cancel))
            pasts[reader.GetString(0)] = new()
            {
                RunId = reader.GetGuid(1),
                LastPassAt = Time(reader, 2),
                LastFullAt = Time(reader, 3),
                HistoryBefore = Time(reader, 4),
                HistoryProgress = reader.IsDBNull(5) ? null : (double)reader.GetDecimal(5),
            };
        return pasts;
    }

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}
