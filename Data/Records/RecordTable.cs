using System.Globalization;
using System.Security.Cryptography;
using FinanceIntegrations.Domain.Records;
using Npgsql;

namespace FinanceIntegrations.Data.Records;

/// <summary>One table of the unified model: the statement that upserts a batch into it.</summary>
internal abstract class RecordTable
{
    public abstract string Name { get; }

    /// <summary>
    /// <c>insert … on conflict … where newer and changed returning inserted</c>, over $1 integration, $2 now, then an array per column.
    /// Conflict index: the primary key (integration_id, external_id).
    /// </summary>
    public abstract string Upsert { get; }

    /// <summary><see cref="Upsert"/>, of nothing where the condition does not hold.</summary>
    public abstract string UpsertWhere(string condition);

    /// <summary>Number of parameters that <see cref="Upsert"/> takes.</summary>
    public abstract int ParameterCount { get; }

    /// <summary>Number of the parameter that holds the records' <c>as_of</c>; their ids are $3.</summary>
    public abstract int AsOfParameter { get; }

    public abstract void Bind(NpgsqlParameterCollection parameters, Guid integration, DateTimeOffset now, IReadOnlyList<UnifiedRecord> records);
}

internal sealed class RecordTable<T> : RecordTable
    where T : UnifiedRecord
{
    private readonly IReadOnlyList<Column<T>> _columns;
    private readonly string _name;

    public RecordTable(string name, params Column<T>[] own)
    {
        _name = name;
        _columns =
        [
            Column.Text<T>("external_id", r => r.ExternalId),
            .. own,
            Column.Time<T>("as_of", r => r.AsOf),
            Column.Small<T>("rank", r => (short)r.Rank),
            Column.Bytes<T>("content_hash", HashOf),
            Column.Json<T>("raw", r => r.Raw),
            Column.Flag<T>("deleted", r => r.Deleted),
        ];
        Upsert = UpsertWhere("true");
    }

    public override string Name => _name;

    public override string Upsert { get; }

    public override string UpsertWhere(string condition)
    {
        var names = string.Join(", ", _columns.Select(c => c.Name));
        var arrays = string.Join(", ", _columns.Select((c, i) => $"${i + 3}::{c.ArrayType}"));
        var values = string.Join(", ", _columns.Select(c => string.Format(CultureInfo.InvariantCulture, c.FromArray, "i." + c.Name)));
        var changes = string.Join(", ", _columns.Skip(1).Select(c => $"{c.Name} = excluded.{c.Name}"));
        return $"""
            insert into {_name} as t (integration_id, {names}, first_seen_at, last_seen_at)
            select $1, {values}, $2, $2 from unnest({arrays}) as i ({names}) where {condition}
            on conflict (integration_id, external_id) do update set {changes}, last_seen_at = excluded.last_seen_at
            where (excluded.as_of, excluded.rank) >= (t.as_of, t.rank)
              and (t.content_hash <> excluded.content_hash or t.deleted <> excluded.deleted or t.rank <> excluded.rank)
            returning t.xmax = 0 as inserted
            """;
    }

    public override int ParameterCount => _columns.Count + 2;

    public override int AsOfParameter => _columns.TakeWhile(c => c.Name != "as_of").Count() + 3;

    public override void Bind(NpgsqlParameterCollection parameters, Guid integration, DateTimeOffset now, IReadOnlyList<UnifiedRecord> records)
    {
        var rows = NewestOfEach(records);
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = integration });
        parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = now });
        foreach (var column in _columns) parameters.Add(column.Bind(rows));
    }

    /// <summary>One statement may touch a row once: of several states of one record the newest goes, the later one where they tie.</summary>
    private static List<T> NewestOfEach(IReadOnlyList<UnifiedRecord> records)
    {
        var places = new Dictionary<string, int>(records.Count, StringComparer.Ordinal);
        var rows = new List<T>(records.Count);
        foreach (var record in records)
        {
            var row = (T)record;
            if (places.TryAdd(row.ExternalId, rows.Count)) rows.Add(row);
            else if (places[row.ExternalId] is var at && (row.AsOf, row.Rank).CompareTo((rows[at].AsOf, rows[at].Rank)) >= 0) rows[at] = row;
        }
        return rows;
    }

    /// <summary>First half of SHA-256 over the provider's own bytes: tells a change, guards nothing.</summary>
    private static byte[] HashOf(T record)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(record.Raw.Span, hash);
        return hash[..16].ToArray();
    }
}
