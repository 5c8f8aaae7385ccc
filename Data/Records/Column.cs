using FinanceIntegrations.Domain.Records;
using Npgsql;
using NpgsqlTypes;

namespace FinanceIntegrations.Data.Records;

/// <summary>One column of a record table, and how a batch's values become one array parameter.</summary>
/// <param name="FromArray">SQL that turns an element of the array into the column's value; the element is <c>{0}</c>.</param>
internal sealed record Column<T>(string Name, string ArrayType, Func<IReadOnlyList<T>, NpgsqlParameter> Bind, string FromArray = "{0}")
    where T : UnifiedRecord;

internal static class Column
{
    public static Column<T> Text<T>(string name, Func<T, string?> read)
        where T : UnifiedRecord => new(name, "text[]", rows => Array(rows, read, NpgsqlDbType.Text));

    public static Column<T> Money<T>(string name, Func<T, decimal?> read)
        where T : UnifiedRecord => new(name, "numeric[]", rows => Array(rows, read, NpgsqlDbType.Numeric));

    public static Column<T> Time<T>(string name, Func<T, DateTimeOffset?> read)
        where T : UnifiedRecord => new(name, "timestamptz[]", rows => Array(rows, read, NpgsqlDbType.TimestampTz));

    public static Column<T> Date<T>(string name, Func<T, DateOnly?> read)
        where T : UnifiedRecord => new(name, "date[]", rows => Array(rows, read, NpgsqlDbType.Date));

    public static Column<T> Flag<T>(string name, Func<T, bool?> read)
        where T : UnifiedRecord => new(name, "boolean[]", rows => Array(rows, read, NpgsqlDbType.Boolean));

    public static Column<T> Small<T>(string name, Func<T, short> read)
        where T : UnifiedRecord => new(name, "smallint[]", rows => Array(rows, read, NpgsqlDbType.Smallint));

    public static Column<T> Bytes<T>(string name, Func<T, byte[]> read)
        where T : UnifiedRecord => new(name, "bytea[]", rows => Array(rows, read, NpgsqlDbType.Bytea));

    /// <summary>JSON goes over as bytes: it is UTF-8 already, and turning it into strings would allocate it twice.</summary>
    public static Column<T> Json<T>(string name, Func<T, ReadOnlyMemory<byte>> read)
        where T : UnifiedRecord => new(name, "bytea[]", rows => Array(rows, read, NpgsqlDbType.Bytea), "convert_from({0}, 'UTF8')::json");

    private static NpgsqlParameter<TValue[]> Array<T, TValue>(IReadOnlyList<T> rows, Func<T, TValue> read, NpgsqlDbType type)
    {
        var values = new TValue[rows.Count];
        for (var i = 0; i < values.Length; i++) values[i] = read(rows[i]);
        return new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };
    }
}
