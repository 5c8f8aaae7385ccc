using System.Text.Json.Nodes;

namespace FinanceIntegrations.Sandbox.Square.Ledger;

/// <summary>Something that moves a location's money at Square. Net = gross − fee.</summary>
internal sealed record Activity(string Type, long Gross, long Fee, long At, JsonObject Details)
{
    public long Net => Gross - Fee;
}

/// <summary>An activity that has become part of a payout.</summary>
internal sealed class Entry : SquareObject
{
    public required string PayoutId { get; init; }
    public required string Currency { get; init; }
    public required Activity Activity { get; init; }

    public override JsonObject Json()
    {
        var json = new JsonObject
        {
            ["id"] = Id,
            ["payout_id"] = PayoutId,
            ["effective_at"] = SquareJson.Time(Activity.At)[..19] + "Z",
            ["type"] = Activity.Type,
            ["gross_amount_money"] = SquareJson.PayoutMoney(Activity.Gross, Currency),
            ["fee_amount_money"] = SquareJson.PayoutMoney(Activity.Fee, Currency),
            ["net_amount_money"] = SquareJson.PayoutMoney(Activity.Net, Currency),
        };
        if (Activity.Details.Count > 0) json[$"type_{Activity.Type.ToLowerInvariant()}_details"] = Activity.Details.DeepClone();
        return json;
    }
}

/// <summary>Its entries' net is its amount.</summary>
internal sealed class Payout : SquareObject
{
    public required string Currency { get; init; }
    public required string BankAccount { get; init; }
    public required IReadOnlyList<Entry> Entries { get; init; }
    public required string EndToEndId { get; init; }
    public string Status { get; set; } = "SENT";
    public int Version { get; set; } = 1;

    public long Amount => Entries.Sum(entry => entry.Activity.Net);

    public override JsonObject Json() => new()
    {
        ["id"] = Id,
        ["status"] = Status,
        ["location_id"] = LocationId,
        ["created_at"] = SquareJson.Time(Created)[..19] + "Z",
        ["updated_at"] = SquareJson.Time(Updated),
        ["amount_money"] = SquareJson.PayoutMoney(Amount, Currency),
        ["destination"] = new JsonObject { ["type"] = "BANK_ACCOUNT", ["id"] = BankAccount },
        ["version"] = Version,
        ["type"] = "BATCH",
        ["arrival_date"] = SquareJson.Day(Created + 86_400_000),
        ["end_to_end_id"] = EndToEndId,
    };
}
