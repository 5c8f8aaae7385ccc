using System.Text.Json.Nodes;

namespace FinanceIntegrations.Sandbox.Square.Ledger;

internal sealed record Country(string Code, string Currency, string TimeZone, string Language)
{
    public static readonly IReadOnlyList<Country> All =
    [
        new("GB", "GBP", "Europe/London", "en-GB"), new("US", "USD", "America/Los_Angeles", "en-US"), new("JP", "JPY", "Asia/Tokyo", "ja-JP"),
    ];
}

/// <summary>One of a seller's places of business.</summary>
internal sealed class Location : SquareObject
{
    public required string MerchantId { get; init; }
    public required string Name { get; init; }
    public required string Business { get; init; }
    public required Country Country { get; init; }

    /// <summary>From then on nothing is taken there; null: it is open.</summary>
    public long? ClosedAt { get; init; }

    public required string BankAccount { get; init; }

    public override JsonObject Json() => new()
    {
        ["id"] = Id,
        ["name"] = Name,
        ["address"] = new JsonObject { ["address_line_1"] = "1 Example Street", ["country"] = Country.Code },
        ["timezone"] = Country.TimeZone,
        ["capabilities"] = new JsonArray("CREDIT_CARD_PROCESSING", "AUTOMATIC_TRANSFERS"),
        ["status"] = ClosedAt is null ? "ACTIVE" : "INACTIVE",
        ["created_at"] = SquareJson.Time(Created)[..19] + "Z",
        ["merchant_id"] = MerchantId,
        ["country"] = Country.Code,
        ["language_code"] = Country.Language,
        ["currency"] = Country.Currency,
        ["business_name"] = Business,
        ["type"] = "PHYSICAL",
        ["mcc"] = "7299",
    };

    public JsonObject BankAccountJson() => new()
    {
        ["id"] = BankAccount,
        ["account_number_suffix"] = "971",
        ["country"] = Country.Code,
        ["currency"] = Country.Currency,
        ["account_type"] = "CHECKING",
        ["holder_name"] = Business,
        ["primary_bank_identification_number"] = "112200303",
        ["location_id"] = Id,
        ["status"] = "VERIFIED",
        ["creditable"] = true,
        ["debitable"] = true,
        ["version"] = 1,
        ["bank_name"] = "Example Bank",
    };
}
