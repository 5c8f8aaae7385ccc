using Npgsql;

namespace FinanceIntegrations.Data.Reading;

/// <summary>As of when what we hold is whole.</summary>
public sealed class FreshnessReader(NpgsqlDataSource database)
{
    // Index: the primary key of sync_cursors.
    private const string Sql = "select case when count(as_of) = cardinality($2) then min(as_of) end from sync_cursors where integration_id = $1 and stream = any ($2)";

    /// <returns>Null: one of the streams was never read to its end.</returns>
    public async Task<DateTimeOffset?> AsOfAsync(Guid integration, string[] streams, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Sql);
        await using var reader = await command.With(integration).With(streams).ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? reader.TimeOrNull(0) : null;
    }
}
