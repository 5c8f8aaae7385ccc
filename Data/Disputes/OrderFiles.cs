using FinanceIntegrations.Domain.Operations;
using Npgsql;

namespace FinanceIntegrations.Data.Disputes;

/// <summary>The bytes of orders' files, for the grain that sends them.</summary>
public sealed class OrderFiles(NpgsqlDataSource database) : IOrderFiles
{
    // Index: the primary key.
    private const string ReadSql = "select content from evidence_files where id = $1";

    public async Task<ReadOnlyMemory<byte>?> ReadAsync(Guid file, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ReadSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = file });
        if (await command.ExecuteScalarAsync(cancel) is byte[] content) return content;
        return null;   // of its own: beside an array, null would be an empty file
    }
}
