using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;

namespace FinanceIntegrations.Domain.Sync;

/// <summary>Asks a connector for the next page of a stream.</summary>
/// <param name="Stream">One of the provider's stream ids.</param>
/// <param name="Cursor">What the last committed page said; null at the very first page.</param>
/// <param name="Full">This is the first page of a pass that reads everything again: where the cursor stands is of no matter.</param>
public sealed record PageRequest(ProviderAccess Access, string Stream, string? Cursor, bool Full)
{
    /// <summary>The pass is about rows created from here on; the same at each of its pages. Null: no such begin.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The pass is about rows created before, and no watermark follows from it: what is new is another pass's. Null: no such end.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Of a stream that follows payouts: those that are due, at most <see cref="PayoutFollowing.PageSize"/>; fewer: these are the last.</summary>
    public IReadOnlyList<FollowedPayout> Payouts { get; init; } = [];
}

/// <summary>One page, mapped.</summary>
public sealed record SyncPage
{
    public required IReadOnlyList<UnifiedRecord> Records { get; init; }

    /// <summary>Rows that do not fit, with their raw payload: kept, counted, never a reason to lose the page.</summary>
    public IReadOnlyList<RejectedRow> Rejected { get; init; } = [];

    /// <summary>Payouts whose entries this page has brought to their end, every one of them fit. Only such are held against their amount.</summary>
    public IReadOnlyList<string> PayoutsRead { get; init; } = [];

    /// <summary>The payouts that the page was asked for, each read, or not found.</summary>
    public IReadOnlyList<FollowedPayout> Followed { get; init; } = [];

    /// <summary>Where the next page begins; after the pass's last page, where the next pass begins. Opaque, under 2 KB.</summary>
    public required string Cursor { get; init; }

    /// <summary>True: this pass has read everything that there is now.</summary>
    public required bool EndOfPass { get; init; }

    /// <summary>How much of the pass is read, 0–1, where the provider gives a total or a beginning; null: not known.</summary>
    public double? Progress { get; init; }

    /// <summary>Bytes of the provider's answer.</summary>
    public int Bytes { get; init; }

    /// <summary>The page belongs to a pass over everything that the provider has in the stream.</summary>
    public bool OfWholePass { get; init; }

    /// <summary>On a pass's last page, what the pass has covered; null: not known.</summary>
    public PassSummary? Pass { get; init; }
}

/// <summary>A pass that has come to its end.</summary>
/// <param name="Shown">Rows that it showed from its first page on, unfit ones included.</param>
/// <param name="Whole">It was over everything that the provider has in the stream: what we hold and it did not show is gone there.</param>
/// <param name="Least">What it must have shown at the least, by what the provider showed before: a delta's overlap holds rows that were seen.</param>
public sealed record PassSummary(long Shown, bool Whole, long Least);

/// <param name="ExternalId">The provider's id, where the row had one.</param>
/// <param name="Reason">A sentence for a person, without the row's values.</param>
public sealed record RejectedRow(string? ExternalId, string Code, string Reason, ReadOnlyMemory<byte> Raw)
{
    /// <summary>Since when the row is in this state, by the provider's clock; null: not known.</summary>
    public DateTimeOffset? AsOf { get; init; }
}
