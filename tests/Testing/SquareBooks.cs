using System.Globalization;
using System.Text.Json.Nodes;

namespace FinanceIntegrations.Testing;

/// <summary>
/// The books of the simulated Square as the api must show them: a line per row, made from Square's own fields by rules written here a second
/// time. Money as decimal strings.
/// </summary>
public sealed class SquareBooks(JsonNode books)
{
    /// <summary>The api's lists that the books can be held against.</summary>
    public static IReadOnlyList<string> Kinds => ["accounts", "balances", "transactions", "payments", "payouts", "disputes"];

    public IReadOnlyList<JsonNode> Rows(string resource) => [.. books[resource]!.AsArray().OfType<JsonNode>()];

    /// <summary>What the api's list of this kind must hold, ordered.</summary>
    public IReadOnlyList<string> Lines(string kind) => Sorted(kind switch
    {
        "accounts" => Rows("locations").Select(row => Line(row["id"], row["name"], row["currency"], (string?)row["status"] == "ACTIVE" ? "enabled" : "closed")),
        "balances" => Rows("unpaid").Select(row => Line(row["location_id"], row["currency"], Amount((long)row["sales"]!, (string)row["currency"]!))),
        "transactions" => Rows("payout_entries").Select(row => Line(
            row["id"], row["type"], Money(row, "gross_amount_money"), Money(row, "fee_amount_money"), Money(row, "net_amount_money"),
            row["net_amount_money"]!["currency_code"], Moment(row["effective_at"]), row["payout_id"], Source(row))),
        "payments" => Rows("payments").Select(row => Line(
                row["id"], "charge", PaymentStatus(row["status"]), Money(row, "total_money"), Money(row, "refunded_money"),
                row["total_money"]!["currency"], Moment(row["created_at"]), null))
            .Concat(Rows("refunds").Select(row => Line(
                row["id"], "refund", PaymentStatus(row["status"]), Money(row, "amount_money"), null,
                row["amount_money"]!["currency"], Moment(row["created_at"]), row["payment_id"]))),
        "payouts" => Rows("payouts").Select(row => Line(
            row["id"], (string?)row["status"] == "SENT" ? "in_transit" : ((string)row["status"]!).ToLowerInvariant(), Money(row, "amount_money"),
            row["amount_money"]!["currency_code"], Moment(row["created_at"]), row["arrival_date"], row["destination"]!["id"])),
        "disputes" => Rows("disputes").Select(row => Line(
            row["id"], DisputeStatus((string)row["state"]!), row["reason"],
            Money(row, "amount_money"), row["amount_money"]!["currency"], Moment(row["created_at"]), row["disputed_payment"]!["payment_id"])),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind"),
    });

    /// <summary>The same lines from what the api's list answered.</summary>
    public static IReadOnlyList<string> Seen(string kind, IEnumerable<JsonNode> items) => Sorted(kind switch
    {
        "accounts" => items.Select(row => Line(row["id"], row["name"], row["currency"], row["status"])),
        "balances" => items.Select(row => Line(row["account_id"], row["currency"], row["pending"])),
        "transactions" => items.Select(row => Line(
            row["id"], row["provider_type"], row["amount"], row["fee"], row["net"], row["currency"], Moment(row["occurred_at"]), row["payout_id"],
            row["source_id"])),
        "payments" => items.Select(row => Line(
            row["id"], row["type"], row["status"], row["amount"], row["amount_refunded"], row["currency"], Moment(row["occurred_at"]), row["parent_id"])),
        "payouts" => items.Select(row => Line(
            row["id"], row["status"], row["amount"], row["currency"], Moment(row["occurred_at"]), row["arrival_date"], row["destination_id"])),
        "disputes" => items.Select(row => Line(
            row["id"], row["status"], row["reason"], row["amount"], row["currency"], Moment(row["occurred_at"]), row["payment_id"])),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind"),
    });

    private static string DisputeStatus(string state) => state switch
    {
        "EVIDENCE_REQUIRED" => "needs_response",
        "PROCESSING" => "under_review",
        "ACCEPTED" => "lost",
        _ => state.ToLowerInvariant(),
    };

    private static string PaymentStatus(JsonNode? status) => (string?)status switch
    {
        "COMPLETED" => "succeeded",
        "APPROVED" or "PENDING" => "pending",
        "CANCELED" => "canceled",
        _ => "failed",
    };

    private static JsonNode? Source(JsonNode entry) => entry[$"type_{((string)entry["type"]!).ToLowerInvariant()}_details"] is { } details
        ? details["refund_id"] ?? details["dispute_id"] ?? details["payment_id"]
        : null;

    private static string? Money(JsonNode row, string field) =>
        row[field] is { } money ? Amount((long)money["amount"]!, (string)(money["currency"] ?? money["currency_code"])!) : null;

    /// <summary>Integers only: no rounding can hide a mistake.</summary>
    private static string Amount(long minor, string currency)
    {
        if (currency == "JPY") return minor.ToString(CultureInfo.InvariantCulture);
        var (units, cents) = Math.DivRem(Math.Abs(minor), 100);
        return string.Create(CultureInfo.InvariantCulture, $"{(minor < 0 ? "-" : "")}{units}.{cents:00}");
    }

    private static long Moment(JsonNode? time) => DateTimeOffset.Parse((string)time!, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();

    private static string Line(params object?[] fields) => string.Join(" | ", fields.Select(field => field?.ToString() ?? "-"));

    private static List<string> Sorted(IEnumerable<string> lines) => [.. lines.Order(StringComparer.Ordinal)];
}
