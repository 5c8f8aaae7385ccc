using Npgsql;

namespace FinanceIntegrations.Data.Reading;

/// <summary>Does the database answer?</summary>
public sealed class DatabaseProbe(NpgsqlDataSource database)
{
    private const string Sql = "select 1";

    /// <exception cref="NpgsqlException">It does not.</exception>
    public async Task AskAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(Sql);
        await command.ExecuteScalarAsync(cancel);
    }
}
