using System.Globalization;
using System.Text.Json.Nodes;

namespace FinanceIntegrations.Testing;

/// <summary>
/// The sandbox's books as the api must show them: a line per row, made from Stripe's own fields by rules written here a second time. Money as
/// decimal strings.
/// </summary>
public sealed class StripeBooks(JsonNode books)
{
    private static readonly HashSet<string> Whole = ["jpy"];

    /// <summary>The api's lists that the books can be held against.</summary>
    public static IReadOnlyList<string> Kinds => ["accounts", "balances", "transactions", "payments", "payouts", "disputes"];

    public string Account => (string)books["account"]!;

    public IReadOnlyList<JsonNode> Rows(string resource) => [.. books[resource]!.AsArray().OfType<JsonNode>()];

    /// <summary>What can be paid out, in minor units.</summary>
    public long Available(string currency) => books["balance"]!["available"]!.AsArray()
        .Where(row => (string?)row!["currency"] == currency).Sum(row => (long)row!["amount"]!);

    public IReadOnlyList<string> Ids(string resource) => [.. Rows(resource).Select(row => (string)row["id"]!)];

    /// <summary>Payouts whose entries Stripe tells, by id, with what the api must say of each entry, ordered.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Entries()
    {
        var movements = Rows("balance_transactions").ToDictionary(row => (string)row["id"]!);
        var paid = books["payout_of_balance_transaction"]!.AsObject().ToLookup(pair => (string)pair.Value!, pair => movements[pair.Key]);
        return Rows("payouts").Where(row => (string?)row["reconciliation_status"] == "completed").Select(row => (string)row["id"]!).ToDictionary(
            payout => payout,
            payout => (IReadOnlyList<string>)Sorted(paid[payout].Where(row => (string?)row["source"] != payout || (string?)row["type"] != "payout").Select(row => Line(
                row["id"], row["type"], Money(row, "amount"), Money(row, "fee"), Money(row, "net"), Upper(row["currency"]), row["created"], row["source"]))));
    }

    /// <summary>The same lines from what the api's list of a payout's entries answered.</summary>
    public static IReadOnlyList<string> SeenEntries(IEnumerable<JsonNode> items) => Sorted(items.Select(row => Line(
        row["transaction_id"], row["provider_type"], row["amount"], row["fee"], row["net"], row["currency"], Seconds(row["occurred_at"]), row["source_id"])));

    /// <summary>What the api's list of this kind must hold, ordered.</summary>
    public IReadOnlyList<string> Lines(string kind) => Sorted(kind switch
    {
        "accounts" => [$"{Account}"],
        "balances" => Balances(),
        "transactions" => Rows("balance_transactions").Select(row => Line(
            row["id"], (string?)row["status"] == "available" ? "posted" : "pending", row["type"], Money(row, "amount"), Money(row, "fee"),
            Money(row, "net"), Upper(row["currency"]), row["created"], row["available_on"], row["source"], row["description"])),
        "payments" => Rows("charges").Select(row => Line(
                row["id"], "charge", row["status"], Money(row, "amount"), Money(row, "amount_refunded"), Upper(row["currency"]), row["created"], null,
                row["balance_transaction"], (bool)row["disputed"]!))
            .Concat(Rows("refunds").Select(row => Line(
                row["id"], "refund", row["status"], Money(row, "amount"), null, Upper(row["currency"]), row["created"], row["charge"],
                row["balance_transaction"], false))),
        "payouts" => Rows("payouts").Select(row => Line(
            row["id"], row["status"], Money(row, "amount"), Upper(row["currency"]), row["created"], Day(row["arrival_date"]), row["method"],
            row["balance_transaction"], row["failure_code"])),
        "disputes" => Rows("disputes").Select(row => Line(
            row["id"], row["status"], row["reason"], Money(row, "amount"), Upper(row["currency"]), row["created"], row["charge"])),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind"),
    });

    /// <summary>The same lines from what the api's list answered.</summary>
    public static IReadOnlyList<string> Seen(string kind, IEnumerable<JsonNode> items) => Sorted(kind switch
    {
        "accounts" => items.Select(row => Line(row["id"])),
        "balances" => items.Select(row => Line(row["account_id"], row["currency"], row["available"], row["pending"])),
        "transactions" => items.Select(row => Line(
            row["id"], row["status"], row["provider_type"], row["amount"], row["fee"], row["net"], row["currency"], Seconds(row["occurred_at"]),
            Seconds(row["available_at"]), row["source_id"], row["description"])),
        "payments" => items.Select(row => Line(
            row["id"], row["type"], row["status"], row["amount"], row["amount_refunded"], row["currency"], Seconds(row["occurred_at"]),
            row["parent_id"], row["transaction_id"], (bool)row["disputed"]!)),
        "payouts" => items.Select(row => Line(
            row["id"], row["status"], row["amount"], row["currency"], Seconds(row["occurred_at"]), row["arrival_date"], row["method"],
            row["transaction_id"], row["failure_code"])),
        "disputes" => items.Select(row => Line(
            row["id"], row["status"], row["reason"], row["amount"], row["currency"], Seconds(row["occurred_at"]), row["payment_id"])),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind"),
    });

    private IEnumerable<string> Balances()
    {
        var available = books["balance"]!["available"]!.AsArray().OfType<JsonNode>().ToLookup(row => (string)row["currency"]!);
        var pending = books["balance"]!["pending"]!.AsArray().OfType<JsonNode>().ToLookup(row => (string)row["currency"]!);
        return available.Select(all => all.Key).Union(pending.Select(all => all.Key)).Select(currency => Line(
            Account, currency.ToUpperInvariant(), Amount(available[currency].Sum(row => (long)row["amount"]!), currency),
            Amount(pending[currency].Sum(row => (long)row["amount"]!), currency)));
    }

    private static string? Money(JsonNode row, string field) =>
        row[field] is { } minor ? Amount((long)minor, (string)row["currency"]!) : null;

    /// <summary>Integers only: no rounding can hide a mistake.</summary>
    private static string Amount(long minor, string currency)
    {
        if (Whole.Contains(currency)) return minor.ToString(CultureInfo.InvariantCulture);
        var (units, cents) = Math.DivRem(Math.Abs(minor), 100);
        return string.Create(CultureInfo.InvariantCulture, $"{(minor < 0 ? "-" : "")}{units}.{cents:00}");
    }

    private static string? Upper(JsonNode? text) => ((string?)text)?.ToUpperInvariant();

    private static string? Day(JsonNode? seconds) => seconds is null
        ? null
        : DateTimeOffset.FromUnixTimeSeconds((long)seconds).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static long? Seconds(JsonNode? time) =>
        time is null ? null : DateTimeOffset.Parse((string)time!, CultureInfo.InvariantCulture).ToUnixTimeSeconds();

    private static string Line(params object?[] fields) => string.Join(" | ", fields.Select(field => field?.ToString() ?? "-"));

    private static List<string> Sorted(IEnumerable<string> lines) => [.. lines.Order(StringComparer.Ordinal)];
}
