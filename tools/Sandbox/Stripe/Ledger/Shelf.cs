using System.Runtime.InteropServices;

namespace FinanceIntegrations.Sandbox.Stripe.Ledger;

/// <summary>What a list call asks for, once its parameters are known to be right.</summary>
internal sealed record ListQuery
{
    public int Limit { get; init; } = 10;
    public string? StartingAfter { get; init; }
    public string? EndingBefore { get; init; }
    public TimeRange Created { get; init; } = TimeRange.All;
    public TimeRange ArrivalDate { get; init; } = TimeRange.All;
    public IReadOnlyDictionary<string, string> Equal { get; init; } = new Dictionary<string, string>();
    public IReadOnlySet<string> Types { get; init; } = new HashSet<string>();
    public IReadOnlyList<string> Expand { get; init; } = [];
}

/// <summary>Unix seconds, both ends included.</summary>
internal readonly record struct TimeRange(long From, long To)
{
    public static readonly TimeRange All = new(long.MinValue, long.MaxValue);

    public bool Contains(long time) => time >= From && time <= To;
}

internal readonly record struct Page(byte[][] Rows, bool HasMore);

/// <summary>One resource of one account: rows in order of creation, found by id, by time and by the fields that lists filter on.</summary>
internal sealed class Shelf<T> : IShelf where T : StripeObject
{
    private readonly List<T> _rows = [];
    private readonly Dictionary<string, int> _positions = [];
    private readonly Dictionary<(string Field, string Value), List<int>> _index = [];

    public IReadOnlyList<T> Rows => _rows;

    public long LastCreated => _rows.Count == 0 ? long.MinValue : _rows[^1].Created;

    public T Add(T row)
    {
        _positions.Add(row.Id, _rows.Count);
        foreach (var (field, value) in row.Keys)
            if (value is not null) Positions(field, value).Add(_rows.Count);
        _rows.Add(row);
        return row;
    }

    /// <summary>Enters a row under a value that it got after it was added. Rows come in any order; the list stays sorted.</summary>
    public void Enter(T row, string field, string value)
    {
        var positions = Positions(field, value);
        var position = _positions[row.Id];
        positions.Insert(~positions.BinarySearch(position), position);
    }

    public T? Find(string id) => _positions.TryGetValue(id, out var position) ? _rows[position] : null;

    StripeObject? IShelf.Find(string id) => Find(id);

    IEnumerable<StripeObject> IShelf.Rows => _rows;

    /// <summary>A page, newest first. The cursors must exist.</summary>
    public Page Read(ListQuery query)
    {
        var candidates = Candidates(query);
        var count = candidates?.Count ?? _rows.Count;
        var from = LowerBound(candidates, count, query.Created.From);
        var to = query.Created.To == long.MaxValue ? count : LowerBound(candidates, count, query.Created.To + 1);
        if (query.StartingAfter is not null) to = Math.Min(to, Place(candidates, _positions[query.StartingAfter]));
        if (query.EndingBefore is not null) from = Math.Max(from, Place(candidates, _positions[query.EndingBefore] + 1));

        var backwards = query.EndingBefore is not null;
        var found = new List<byte[]>(query.Limit);
        for (var i = 0; i < to - from; i++)
        {
            var place = backwards ? from + i : to - 1 - i;
            var row = _rows[candidates is null ? place : candidates[place]];
            if (!Matches(row, query)) continue;
            if (found.Count == query.Limit) return Done(found, backwards, hasMore: true);
            found.Add(row.Json);
        }
        return Done(found, backwards, hasMore: false);
    }

    private static Page Done(List<byte[]> found, bool backwards, bool hasMore)
    {
        if (backwards) found.Reverse();
        return new([.. found], hasMore);
    }

    private static bool Matches(T row, ListQuery query)
    {
        foreach (var (field, value) in query.Equal)
            if (row.Value(field) != value) return false;
        if (query.Types.Count > 0 && !query.Types.Contains(row.Value("type")!)) return false;
        return query.ArrivalDate == TimeRange.All || query.ArrivalDate.Contains(row.Time("arrival_date"));
    }

    /// <summary>The shortest list of positions that holds every match, or null for all rows.</summary>
    private List<int>? Candidates(ListQuery query)
    {
        List<int>? shortest = null;
        foreach (var (field, value) in query.Equal)
        {
            if (field is "status" or "delivery_success" || (field == "type" && typeof(T) == typeof(StripeEvent))) continue;
            var positions = _index.GetValueOrDefault((field, value)) ?? [];
            if (shortest is null || positions.Count < shortest.Count) shortest = positions;
        }
        return shortest;
    }

    private int LowerBound(List<int>? candidates, int count, long created)
    {
        var (low, high) = (0, count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_rows[candidates is null ? middle : candidates[middle]].Created < created) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    private static int Place(List<int>? candidates, int position)
    {
        if (candidates is null) return position;
        var place = candidates.BinarySearch(position);
        return place < 0 ? ~place : place;
    }

    private List<int> Positions(string field, string value) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_index, (field, value), out _) ??= [];
}

/// <summary>A shelf, whatever lies on it.</summary>
internal interface IShelf
{
    IEnumerable<StripeObject> Rows { get; }

    StripeObject? Find(string id);

    Page Read(ListQuery query);
}
