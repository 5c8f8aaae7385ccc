namespace FinanceIntegrations.Data.Reading;

/// <summary>Where a newest-first list goes on: everything older than this row.</summary>
public readonly record struct Position<TId>(DateTimeOffset At, TId Id);

/// <summary>The place before the newest row.</summary>
public static class Positions
{
    public static readonly Position<Guid> NewestGuid = new(DateTimeOffset.MaxValue, Guid.AllBitsSet);
    public static readonly Position<string> NewestText = new(DateTimeOffset.MaxValue, "");
    public static readonly Position<long> NewestNumber = new(DateTimeOffset.MaxValue, long.MaxValue);
}

/// <summary>Half-open span of time, UTC. Open ends are the ends of time, so that a statement has one shape and one plan.</summary>
public readonly record struct Period(DateTimeOffset From, DateTimeOffset To)
{
    public static Period Between(DateTimeOffset? from, DateTimeOffset? to) =>
        new((from ?? DateTimeOffset.MinValue).ToUniversalTime(), (to ?? DateTimeOffset.MaxValue).ToUniversalTime());

    /// <summary>All of time.</summary>
    public bool IsAlways => this == Between(null, null);
}
