using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>The streams and how they are read (paypal.md §3).</summary>
internal static class PayPalStreams
{
    public const string Accounts = "accounts";
    public const string Balances = "balances";
    public const string Transactions = "transactions";
    public const string Payouts = "payouts";
    public const string PayoutBatches = "payout_batches";
    public const string Disputes = "disputes";

    /// <summary>How far back the reporting API goes.</summary>
    public static readonly TimeSpan ReportingDepth = TimeSpan.FromDays(3 * 365);

    /// <summary>
    /// There is no updated-since: each delta reads the last days again, for states that have changed and rows that came late (up to 3 hours).
    /// </summary>
    private static readonly StreamPolicy Reported = new()
    {
        Window = TimeSpan.FromDays(90),
        HistoryDepth = ReportingDepth,
        Overlap = TimeSpan.FromDays(5),
    };

    private static readonly StreamPolicy Updated = new() { Overlap = TimeSpan.FromMinutes(15) };

    public static readonly IReadOnlyList<StreamInfo> All =
    [
        new(Accounts, RecordKind.Account, "The merchant's PayPal account.") { Policy = StreamPolicy.Snapshot with { Every = TimeSpan.FromDays(1) } },
        new(Balances, RecordKind.Balance, "Available and withheld money, per currency.") { Policy = StreamPolicy.Snapshot },
        new(Transactions, RecordKind.Transaction, "Every movement on the balance, with its fee.") { Policy = Reported },
        new(Payouts, RecordKind.Payout, "Withdrawals to the merchant's bank.") { Policy = Reported },
        new(PayoutBatches, RecordKind.Payout, "Payouts to others: those that were ordered here, or that a webhook told of.")
        {
            Policy = StreamPolicy.Snapshot, FollowsPayouts = true, ReadWith = Payouts,
        },
        new(Disputes, RecordKind.Dispute, "Payments that buyers ask back, of the last 180 days.") { Policy = Updated },
    ];

    public static TimeSpan Overlap(string stream) => stream == Disputes ? Updated.Overlap : Reported.Overlap;
}
