using FinanceIntegrations.Domain.Sync;

namespace FinanceIntegrations.Providers.Square;

/// <summary>What a page that was read says of the next one.</summary>
internal static class SquarePages
{
    public static SyncPage After(ReadPage page, SquareCursor cursor, bool byLocation)
    {
        if (page.Next is { } next) return Going(page, cursor with { After = next, Reached = page.Reached ?? cursor.Reached });
        return byLocation && cursor.LastLocation != true
            ? Going(page, cursor with { After = null, Reached = null, Edge = null, Drained = true })
            : Done(page, cursor);
    }

    /// <summary>The pass goes on at the cursor.</summary>
    public static SyncPage Going(ReadPage page, SquareCursor cursor) =>
        Make(page, cursor with { Shown = (cursor.Shown ?? 0) + page.Shown }, IsWhole(cursor), pass: null);

    /// <summary>The pass ends with this page.</summary>
    public static SyncPage Done(ReadPage page, SquareCursor cursor) => Make(
        page, SquareCursor.AtRest(cursor.Until is null ? cursor.Begun ?? cursor.Watermark : null), IsWhole(cursor),
        new((cursor.Shown ?? 0) + page.Shown, IsWhole(cursor), Least: 0));

    /// <summary>The pass ends with no further page.</summary>
    public static SyncPage Ended(SquareCursor cursor) => Done(new(), cursor);

    /// <summary>Payouts by creation; a delta's are those of the last two weeks before the change that is asked for.</summary>
    public static SquareRange RangeOfPayouts(SquareCursor at) => new()
    {
        Location = at.Location,
        From = at.Pass == SquarePass.Delta ? at.Since - SquareStreams.PayoutsReadAgain : at.From ?? SquareTime.Beginning,
        Until = UntilOf(at),
        Cursor = at.After,
    };

    /// <summary>Rows come newest first: a list that is begun again ends in the second that it had reached.</summary>
    public static long? UntilOf(SquareCursor at) => at.Edge is { } edge ? Math.Min(edge + 1, at.Until ?? long.MaxValue) : at.Until;

    private static bool IsWhole(SquareCursor cursor) => cursor is { Pass: SquarePass.Full, From: null, Until: null };

    private static SyncPage Make(ReadPage page, SquareCursor cursor, bool whole, PassSummary? pass) => new()
    {
        Records = page.Records,
        Rejected = page.Rejected,
        Cursor = cursor.ToString(),
        EndOfPass = pass is not null,
        Bytes = page.Bytes,
        OfWholePass = whole,
        Pass = pass,
    };
}
