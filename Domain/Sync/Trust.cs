using System.Globalization;
using FinanceIntegrations.Domain.Integrations;

namespace FinanceIntegrations.Domain.Sync;

/// <summary>What a run found in one stream, and what that is set against.</summary>
public sealed record StreamFindings
{
    public required string Stream { get; init; }

    /// <summary>Why it was not read to its end, as a sentence; null where it was.</summary>
    public string? Failure { get; init; }

    /// <summary>Rows that did not fit and were parked by this run.</summary>
    public long Parked { get; init; }

    /// <summary>Rows parked by this run or an earlier one that still wait for somebody.</summary>
    public long Waiting { get; init; }

    /// <summary>The last pass, where it came to its end and the connector says what it covered.</summary>
    public PassFindings? Pass { get; init; }

    /// <summary>What the provider's totals say; null where they were not, or could not be, compared.</summary>
    public IReadOnlyList<TotalFinding>? Totals { get; init; }

    /// <summary>Payouts that do not come to what their entries add up to; null where they were not looked at.</summary>
    public PayoutFindings? Payouts { get; init; }
}

/// <param name="Count">How many there are.</param>
/// <param name="Payouts">Some of them, first those that a person knows of.</param>
public sealed record PayoutFindings(long Count, IReadOnlyList<PayoutFinding> Payouts);

/// <summary>A paid payout beside the sum of its entries' net.</summary>
/// <param name="Stream">That told the entries.</param>
public sealed record PayoutFinding(string Payout, string Stream, string Currency, decimal Amount, decimal Net)
{
    /// <summary>What the entries are short of, or beyond, the amount.</summary>
    public decimal Difference => Net - Amount;
}

/// <param name="Shown">Rows that the pass showed.</param>
/// <param name="Least">What it must have shown at the least, by what the provider showed before.</param>
/// <param name="Held">Rows that we held and that a pass over everything shows again; null: the pass was not over everything.</param>
/// <param name="Missing">Those of them that it did not show.</param>
public sealed record PassFindings(long Shown, long Least, long? Held, long Missing);

/// <summary>One total of the provider's beside ours.</summary>
public sealed record TotalFinding(string Name, decimal Theirs, decimal Ours)
{
    public bool Agrees => Theirs == Ours;
}

/// <param name="LargestFall">A pass over everything that misses more than this share of what we hold is doubted. 0–1.</param>
/// <param name="FailuresBeforeAttention">So many failed runs in a row are a matter for a person. At least 1.</param>
public sealed record TrustPolicy(double LargestFall, int FailuresBeforeAttention)
{
    public static readonly TrustPolicy Default = new(0.5, 3);
}

/// <summary>What a stream's findings come to.</summary>
/// <param name="Reasons">Why the run is no plain success.</param>
/// <param name="Cleared">Doubts that these findings dispel, had there been any: what was looked at and found in order.</param>
public sealed record Verdict(IReadOnlyList<RunReason> Reasons, IReadOnlyList<Doubt> Cleared)
{
    /// <summary>Of a stream that was not looked at.</summary>
    public static readonly Verdict None = new([], []);
}

/// <summary>A standing reason to doubt a stream.</summary>
/// <param name="Code">Of a <see cref="RunReason"/>.</param>
/// <param name="Stream">Null: the integration as a whole.</param>
/// <param name="Subject">What it is about within the stream: a payout's id; null: the stream as a whole.</param>
public sealed record Doubt(string Code, string? Stream, string? Subject = null);

/// <summary>Whether a run may call itself a success.</summary>
public static class Trust
{
    public const string StreamFailed = "stream_failed";
    public const string RowsParked = "rows_parked";
    public const string TotalDisagrees = "total_disagrees";
    public const string ImplausibleZero = "implausible_zero";
    public const string ImplausibleFall = "implausible_fall";
    public const string EntriesDisagree = "entries_disagree";

    /// <summary>So many payouts that do not add up are laid before a person one by one.</summary>
    public const int MostPayoutItems = 20;

    /// <summary>Judges one stream. A doubt is neither raised nor dispelled by what was not looked at.</summary>
    public static Verdict Judge(StreamFindings found, TrustPolicy policy)
    {
        List<RunReason> reasons = [];
        List<Doubt> cleared = [];
        void Say(string code, bool looked, bool wrong, Func<string> message)
        {
            if (wrong) reasons.Add(new(code, found.Stream, message()));
            else if (looked && found.Failure is null) cleared.Add(new(code, found.Stream));
        }

        Say(StreamFailed, looked: true, found.Failure is not null, () => $"{found.Stream} could not be read to its end: {found.Failure}");
        Say(RowsParked, found.Waiting == 0, found.Parked > 0, () => $"{Count(found.Parked, "row")} of {found.Stream} {(found.Parked == 1 ? "does" : "do")} not fit and {(found.Parked == 1 ? "is" : "are")} parked.");
        if (found.Pass is { } pass)
        {
            Say(ImplausibleZero, pass.Shown > 0 && (pass.Held is not null || pass.Least > 0), IsImplausibleZero(pass),
                () => pass.Held is { } held
                    ? $"The provider shows no row of {found.Stream} any more; we hold {held.ToString(CultureInfo.InvariantCulture)}. Nothing was deleted."
                    : $"The provider shows no row of {found.Stream} where it has shown some before. Nothing was deleted.");
            Say(ImplausibleFall, pass.Held is not null, IsImplausibleFall(pass, policy),
                () => $"The provider no longer shows {pass.Missing.ToString(CultureInfo.InvariantCulture)} of {Count(pass.Held ?? 0, "row")} of {found.Stream} that we hold. Nothing was deleted.");
        }
        var wrong = found.Totals?.Where(total => !total.Agrees).ToList() ?? [];
        Say(TotalDisagrees, found.Totals is { Count: > 0 }, wrong.Count > 0,
            () => $"The provider's total of {found.Stream} disagrees with ours: {string.Join(", ", wrong.Select(Describe))}.");
        Say(EntriesDisagree, found.Payouts is not null, found.Payouts is { Count: > 0 }, () => Describe(found.Payouts!));
        return new(reasons, cleared);
    }

    /// <summary>May rows that the pass did not show be taken for deleted? Not where so many are missing that the pass itself is in doubt.</summary>
    public static bool BelievesMissing(PassFindings pass, TrustPolicy policy) => !IsImplausibleZero(pass) && !IsImplausibleFall(pass, policy);

    private static bool IsImplausibleZero(PassFindings pass) => pass.Shown == 0 && (pass.Held > 0 || pass.Least > 0);

    private static bool IsImplausibleFall(PassFindings pass, TrustPolicy policy) =>
        pass.Shown > 0 && pass.Held is > 0 and var held && (double)pass.Missing / held > policy.LargestFall;

    private static string Describe(TotalFinding total) => string.Create(
        CultureInfo.InvariantCulture, $"{total.Name} {total.Theirs} there, {total.Ours} here");

    private static string Describe(PayoutFindings found)
    {
        var some = string.Join(", ", found.Payouts.Take(3).Select(p => string.Create(
            CultureInfo.InvariantCulture, $"{p.Payout} {p.Currency} {p.Amount} paid, {p.Net} entered")));
        return $"{Count(found.Count, "payout")} {(found.Count == 1 ? "does" : "do")} not come to what the entries add up to: {some}{(found.Count > 3 ? ", …" : "")}.";
    }

    private static string Count(long number, string noun) =>
        number == 1 ? $"1 {noun}" : $"{number.ToString(CultureInfo.InvariantCulture)} {noun}s";
}
