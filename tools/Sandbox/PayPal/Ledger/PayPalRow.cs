using System.Globalization;
using System.Text.Json.Nodes;

namespace FinanceIntegrations.Sandbox.PayPal.Ledger;

/// <summary>A currency as PayPal writes it: HUF, JPY and TWD without decimals.</summary>
internal static class PayPalCurrency
{
    public static string Write(long minor, string currency)
    {
        if (currency is "HUF" or "JPY" or "TWD") return minor.ToString(CultureInfo.InvariantCulture);
        var (units, cents) = Math.DivRem(Math.Abs(minor), 100);
        return string.Create(CultureInfo.InvariantCulture, $"{(minor < 0 ? "-" : "")}{units}.{cents:00}");
    }

    public static JsonObject Money(long minor, string currency) => new() { ["currency_code"] = currency, ["value"] = Write(minor, currency) };

    /// <summary>The form of Payouts.</summary>
    public static JsonObject Old(long minor, string currency) => new() { ["currency"] = currency, ["value"] = Write(minor, currency) };
}

/// <summary>One movement on an account, in minor units. A fee is negative.</summary>
internal sealed class PayPalRow
{
    public required string Id { get; init; }
    public required string Code { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long At { get; init; }
    public required string Currency { get; init; }
    public required long Amount { get; init; }
    public long? Fee { get; init; }
    public string? Reference { get; init; }
    public string? Subject { get; init; }

    /// <summary><c>P</c> or <c>S</c>; changes when it settles.</summary>
    public string Status { get; set; } = "S";
    public long Updated { get; set; }

    public long Net => Amount + (Fee ?? 0);

    public JsonObject Json()
    {
        var info = new JsonObject
        {
            ["paypal_account_id"] = "C" + Id[..12],
            ["transaction_id"] = Id,
            ["transaction_event_code"] = Code,
            ["transaction_initiation_date"] = Offset(At),
            ["transaction_updated_date"] = Offset(Math.Max(At, Updated)),
            ["transaction_amount"] = PayPalCurrency.Money(Amount, Currency),
        };
        if (Fee is { } fee) info["fee_amount"] = PayPalCurrency.Money(fee, Currency);
        if (Reference is not null)
        {
            info["paypal_reference_id"] = Reference;
            info["paypal_reference_id_type"] = "TXN";
        }
        info["transaction_status"] = Status;
        if (Subject is not null) info["transaction_subject"] = Subject;
        info["protection_eligibility"] = "01";
        return new JsonObject { ["transaction_info"] = info };
    }

    /// <summary>As seen on live accounts: the offset has no colon.</summary>
    private static string Offset(long at) => PayPalClock.Write(at, "yyyy-MM-dd'T'HH:mm:ss'+0000'");
}

/// <summary>A payment that its buyer asks back.</summary>
internal sealed class PayPalDispute
{
    public required string Id { get; init; }
    public required string Payment { get; init; }
    public required long At { get; init; }
    public required string Currency { get; init; }
    public required long Amount { get; init; }
    public required string Reason { get; init; }
    public required string Merchant { get; init; }
    public long Updated { get; set; }
    public string Status { get; set; } = "WAITING_FOR_SELLER_RESPONSE";
    public string? Outcome { get; set; }

    /// <summary>What the seller has handed in, as a look-up gives it.</summary>
    public List<JsonObject> Evidences { get; } = [];

    public string State => Status switch
    {
        "RESOLVED" => "RESOLVED",
        "UNDER_REVIEW" => "UNDER_PAYPAL_REVIEW",
        _ => "REQUIRED_ACTION",
    };

    /// <summary>What a list gives of it.</summary>
    public JsonObject Item(string host)
    {
        var item = new JsonObject
        {
            ["dispute_id"] = Id,
            ["create_time"] = PayPalClock.Milliseconds(At),
            ["update_time"] = PayPalClock.Milliseconds(Math.Max(At, Updated)),
            ["reason"] = Reason,
            ["status"] = Status,
            ["dispute_state"] = State,
            ["dispute_amount"] = PayPalCurrency.Money(Amount, Currency),
            ["dispute_life_cycle_stage"] = "CHARGEBACK",
            ["dispute_channel"] = "INTERNAL",
        };
        if (Status == "WAITING_FOR_SELLER_RESPONSE") item["seller_response_due_date"] = PayPalClock.Milliseconds(At + (10 * 86_400));
        item["links"] = new JsonArray(PayPalLinks.Of($"{host}/v1/customer/disputes/{Id}", "self"));
        return item;
    }

    public JsonObject Json(string host)
    {
        var whole = Item(host);
        whole.Remove("dispute_state");   // in lists only
        whole["disputed_transactions"] = new JsonArray(new JsonObject
        {
            ["seller_transaction_id"] = Payment,
            ["create_time"] = PayPalClock.Milliseconds(At - 86_400),
            ["transaction_status"] = "COMPLETED",
            ["gross_amount"] = PayPalCurrency.Money(Amount, Currency),
            ["buyer"] = new JsonObject { ["name"] = "A Buyer" },
            ["seller"] = new JsonObject { ["merchant_id"] = Merchant, ["name"] = "A Seller" },
        });
        if (Evidences.Count > 0) whole["evidences"] = new JsonArray([.. Evidences.Select(piece => piece.DeepClone())]);
        if (Status != "RESOLVED")
            whole["allowed_response_options"] = new JsonObject { ["accept_claim"] = new JsonObject { ["accept_claim_types"] = new JsonArray("REFUND") } };
        if (Status == "WAITING_FOR_SELLER_RESPONSE")
            whole["links"]!.AsArray().Add(PayPalLinks.Of($"{host}/v1/customer/disputes/{Id}/provide-evidence", "provide_evidence", "POST"));
        if (Status != "RESOLVED") whole["links"]!.AsArray().Add(PayPalLinks.Of($"{host}/v1/customer/disputes/{Id}/accept-claim", "accept_claim", "POST"));
        if (Outcome is not null)
            whole["dispute_outcome"] = new JsonObject { ["outcome_code"] = Outcome, ["amount_refunded"] = PayPalCurrency.Money(Outcome == "RESOLVED_BUYER_FAVOUR" ? Amount : 0, Currency) };
        return whole;
    }
}

internal static class PayPalLinks
{
    public static JsonObject Of(string address, string rel, string method = "GET") => new() { ["href"] = address, ["rel"] = rel, ["method"] = method };
}

internal static class PayPalClock
{
    public static string Write(long unix, string form) => DateTimeOffset.FromUnixTimeSeconds(unix).UtcDateTime.ToString(form, CultureInfo.InvariantCulture);

    public static string Seconds(long unix) => Write(unix, "yyyy-MM-dd'T'HH:mm:ss'Z'");

    public static string Milliseconds(long unix) => Write(unix, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'");
}
