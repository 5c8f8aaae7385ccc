using System.Globalization;
using System.Text.Json.Nodes;

namespace FinanceIntegrations.Testing;

/// <summary>The simulated PayPal's books as the api must show them: a line per row, made from PayPal's own fields by rules written here a second time.</summary>
public sealed class PayPalBooks(JsonNode books)
{
    /// <summary>The api's lists that the books can be held against.</summary>
    public static IReadOnlyList<string> Kinds => ["accounts", "balances", "transactions", "payouts", "disputes"];

    public string Account => (string)books["account"]!;

    public IReadOnlyList<JsonNode> Transactions => [.. books["transactions"]!.AsArray().Select(row => row!["transaction_info"]!)];

    public JsonNode Dispute(string id) => books["disputes"]!.AsArray().Single(row => (string?)row!["dispute_id"] == id)!;

    /// <summary>By currency, as decimal strings.</summary>
    public IReadOnlyDictionary<string, string> Totals =>
        books["balances"]!.AsArray().ToDictionary(row => (string)row!["currency"]!, row => (string)row!["total"]!);

    /// <summary>What the api's list of this kind must hold, ordered.</summary>
    public IReadOnlyList<string> Lines(string kind) => Sorted(kind switch
    {
        "accounts" => [Account],
        "balances" => books["balances"]!.AsArray().Select(row => Line(Account, row!["currency"], row["available"], row["withheld"])),
        "transactions" => Transactions.Select(row => Line(
            Key(row), (string?)row["transaction_status"] == "P" ? "pending" : "posted", row["transaction_event_code"], Money(row["transaction_amount"]), Fee(row),
            Currency(row), Moment(row), row["paypal_reference_id"], row["transaction_subject"])),
        "payouts" => Transactions.Where(row => (string?)row["transaction_event_code"] == "T0400").Select(row => Line(
            Key(row), (string?)row["transaction_status"] == "P" ? "in_transit" : "paid", Money(row["transaction_amount"])[1..], Currency(row), Moment(row))),
        "disputes" => books["disputes"]!.AsArray()
            .Where(row => (DateTimeOffset)row!["update_time"]! > TimeProvider.System.GetUtcNow().AddDays(-179))   // PayPal lists what changed in 180 days
            .Select(row => Line(row!["dispute_id"], StatusOf(row), row["reason"], Money(row["dispute_amount"]), row["disputed_transactions"]![0]!["seller_transaction_id"])),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind"),
    });

    /// <summary>The same lines from what the api's list answered.</summary>
    public static IReadOnlyList<string> Seen(string kind, IEnumerable<JsonNode> items) => Sorted(kind switch
    {
        "accounts" => items.Select(row => Line(row["id"])),
        "balances" => items.Select(row => Line(row["account_id"], row["currency"], row["available"], row["reserved"])),
        "transactions" => items.Select(row => Line(
            row["id"], row["status"], row["provider_type"], row["amount"], row["fee"], row["currency"], Seconds(row["occurred_at"]), row["source_id"], row["description"])),
        "payouts" => items.Select(row => Line(row["id"], row["status"], row["amount"], row["currency"], Seconds(row["occurred_at"]))),
        "disputes" => items.Select(row => Line(row["id"], row["status"], row["reason"], row["amount"], row["payment_id"])),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind"),
    });

    private static string Key(JsonNode row) => $"{row["transaction_id"]}|{row["transaction_event_code"]}|{((string)row["transaction_initiation_date"]!).Replace("+0000", "Z", StringComparison.Ordinal)}";

    private static string Money(JsonNode? money) => (string)money!["value"]!;

    /// <summary>Positive here, negative there.</summary>
    private static string Fee(JsonNode row) => row["fee_amount"] is { } fee ? Money(fee)[1..] : Currency(row) == "JPY" ? "0" : "0.00";

    private static string Currency(JsonNode row) => (string)row["transaction_amount"]!["currency_code"]!;

    private static long Moment(JsonNode row) => DateTimeOffset.Parse(
        ((string)row["transaction_initiation_date"]!).Replace("+0000", "Z", StringComparison.Ordinal), CultureInfo.InvariantCulture).ToUnixTimeSeconds();

    private static string StatusOf(JsonNode row) => ((string)row["status"]!, (string?)row["dispute_outcome"]?["outcome_code"]) switch
    {
        ("RESOLVED", "RESOLVED_SELLER_FAVOUR") => "won",
        ("RESOLVED", _) => "lost",
        ("UNDER_REVIEW", _) => "under_review",
        _ => "needs_response",
    };

    private static long? Seconds(JsonNode? time) =>
        time is null ? null : DateTimeOffset.Parse((string)time!, CultureInfo.InvariantCulture).ToUnixTimeSeconds();

    private static string Line(params object?[] fields) => string.Join(" | ", fields.Select(field => field?.ToString() ?? "-"));

    private static List<string> Sorted(IEnumerable<string> lines) => [.. lines.Order(StringComparer.Ordinal)];
}
