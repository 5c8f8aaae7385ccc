using Npgsql;

namespace FinanceIntegrations.Data.Reading;

/// <summary>The few lines that every reader would repeat.</summary>
internal static class Query
{
    /// <summary>Adds the next positional parameter.</summary>
    public static NpgsqlCommand With<T>(this NpgsqlCommand command, T value)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return command;
    }

    public static async Task<IReadOnlyList<T>> ListAsync<T>(this NpgsqlCommand command, Func<NpgsqlDataReader, T> map, CancellationToken cancel)
    {
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancel)) rows.Add(map(reader));
        return rows;
    }

    public static async Task<T?> FirstAsync<T>(this NpgsqlCommand command, Func<NpgsqlDataReader, T> map, CancellationToken cancel)
        where T : class
    {
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? map(reader) : null;
    }

    public static string? Text(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static decimal? Money(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetDecimal(column);

    public static bool? Flag(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetBoolean(column);

    public static DateTimeOffset Time(this NpgsqlDataReader reader, int column) => reader.GetFieldValue<DateTimeOffset>(column);

    public static DateTimeOffset? TimeOrNull(this NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.Time(column);
}
