using FinanceIntegrations.Domain.Records;

namespace FinanceIntegrations.Data.Reading.Records;

/// <summary>One kind of record of the unified model, page by page.</summary>
public interface IRecordReader<TItem>
{
    static abstract RecordKind Kind { get; }

    /// <summary>Where an item stands in the list's order; a kind without a moment of its own is ordered by id.</summary>
    static abstract Position<string> PlaceOf(TItem item);

    /// <summary>At most <paramref name="limit"/> items beyond a place.</summary>
    /// <exception cref="Npgsql.NpgsqlException">The database is away.</exception>
    Task<IReadOnlyList<TItem>> ListAsync(Guid integration, RecordFilter filter, Position<string> after, int limit, CancellationToken cancel);
}
