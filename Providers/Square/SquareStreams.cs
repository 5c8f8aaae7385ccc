using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;

namespace FinanceIntegrations.Providers.Square;

internal static class SquareStreams
{
    public const string Accounts = "accounts";
    public const string Balances = "balances";
    public const string Transactions = "transactions";
    public const string Payments = "payments";
    public const string Refunds = "refunds";
    public const string Payouts = "payouts";
    public const string Disputes = "disputes";

    /// <summary>Payouts have no filter of changes: those of the last two weeks are read again (square.md §3).</summary>
    public const long PayoutsReadAgain = 14 * 24 * 60 * 60;

    /// <summary>Followed by <c>updated_at</c>: a full read only mends what no change told of.</summary>
    private static readonly StreamPolicy Updated = new() { Window = TimeSpan.FromDays(90), FullEvery = TimeSpan.FromDays(90) };

    /// <summary>A payout that changes later than two weeks after it was made comes to light by the full read.</summary>
    private static readonly StreamPolicy ReadAgain = new() { Window = TimeSpan.FromDays(90), FullEvery = TimeSpan.FromDays(30) };

    /// <summary>A delta reads the open ones; which of them are decided without an event having said so, the day's full read tells.</summary>
    private static readonly StreamPolicy Open = new() { FullEvery = TimeSpan.FromDays(1) };

    public static readonly IReadOnlyList<StreamInfo> All =
    [
        new(Accounts, RecordKind.Account, "The seller's locations: money is taken and paid out by location.")
        {
            Policy = StreamPolicy.Snapshot with { Every = TimeSpan.FromDays(1) },
        },
        new(Balances, RecordKind.Balance, "Taken and not yet paid out, per location. Derived from payments, refunds and payouts: Square tells no balance.")
        {
            Policy = StreamPolicy.Snapshot with { Every = TimeSpan.FromHours(1) },
        },
        new(Transactions, RecordKind.Transaction, "Every entry of every payout, with its fee.") { Policy = ReadAgain, TellsEntries = true },
        new(Payments, RecordKind.Payment, "Payments taken.") { Policy = Updated, RowType = "charge" },
        new(Refunds, RecordKind.Payment, "Payments given back.") { Policy = Updated, RowType = "refund" },
        new(Payouts, RecordKind.Payout, "Money sent to the bank.") { Policy = ReadAgain },
        new(Disputes, RecordKind.Dispute, "Payments that the payer's bank asks back.") { Policy = Open },
    ];

    /// <summary>Lists lag some seconds behind (square.md §3); what is read twice is written once.</summary>
    public static long Overlap => (long)Updated.Overlap.TotalSeconds;

    /// <summary>What the rows of a stream are. Balances are none of Square's.</summary>
    public static SquareObject ObjectOf(string stream) => stream switch
    {
        Accounts => SquareObject.Location,
        Transactions => SquareObject.Entry,
        Payments => SquareObject.Payment,
        Refunds => SquareObject.Refund,
        Payouts => SquareObject.Payout,
        Disputes => SquareObject.Dispute,
        _ => throw new ArgumentException($"Square has no stream '{stream}' of objects.", nameof(stream)),
    };
}
