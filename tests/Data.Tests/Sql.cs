using Npgsql;

namespace FinanceIntegrations.Data.Tests;

/// <summary>A test's own questions to the database.</summary>
internal static class Sql
{
    public static async Task<T> ScalarAsync<T>(this NpgsqlDataSource source, string sql, CancellationToken cancel, params object[] values)
    {
        await using var command = source.CreateCommand(sql);
        foreach (var value in values) command.Parameters.AddWithValue(value);
        return await command.ExecuteScalarAsync(cancel) is T found
            ? found : throw new InvalidOperationException($"No {typeof(T).Name}: {sql}");
    }

    public static async Task<int> ExecuteAsync(this NpgsqlDataSource source, string sql, CancellationToken cancel, params object[] values)
    {
        await using var command = source.CreateCommand(sql);
        foreach (var value in values) command.Parameters.AddWithValue(value);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>The first column of every row.</summary>
    public static async Task<List<T>> ListAsync<T>(this NpgsqlDataSource source, string sql, CancellationToken cancel,
        params object[] values)
    {
        await using var command = source.CreateCommand(sql);
        foreach (var value in values) command.Parameters.AddWithValue(value);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancel)) rows.Add(await reader.GetFieldValueAsync<T>(0, cancel));
        return rows;
    }
}
