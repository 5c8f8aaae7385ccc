using Npgsql;

namespace FinanceIntegrations.Data.Sync;

/// <summary>Runs that have begun and not ended.</summary>
public sealed class OpenRuns(NpgsqlDataSource database)
{
    /// <summary>Their integrations, oldest first.</summary>
    public async Task<IReadOnlyList<Guid>> StartedBeforeAsync(DateTimeOffset moment, int limit, CancellationToken cancel)
    {
        // Index: sync_runs_one_open, which holds open runs only.
        await using var command = database.CreateCommand(
            "select integration_id from sync_runs where ended_at is null and started_at < $1 order by started_at limit $2");
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = moment });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var integrations = new List<Guid>();
        while (await reader.ReadAsync(cancel)) integrations.Add(reader.GetGuid(0));
        return integrations;
    }
}
