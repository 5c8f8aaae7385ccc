using System.Text.Json.Nodes;

namespace FinanceIntegrations.Sandbox.Square.Ledger;

internal sealed class Refund : SquareObject
{
    public required Payment Payment { get; init; }
    public required long Amount { get; init; }

    /// <summary>The part of the fee that Square gives back.</summary>
    public required long FeeBack { get; init; }
    public required string Status { get; set; }

    public override JsonObject Json()
    {
        var json = new JsonObject
        {
            ["id"] = Id,
            ["status"] = Status,
            ["amount_money"] = SquareJson.Money(Amount, Payment.Currency),
            ["payment_id"] = Payment.Id,
            ["order_id"] = Payment.Order,
            ["created_at"] = SquareJson.Time(Created),
            ["updated_at"] = SquareJson.Time(Updated),
        };
        if (Status == "COMPLETED")
            json["processing_fee"] = new JsonArray(new JsonObject
            {
                ["effective_at"] = SquareJson.Time(Created + 7_200_000),
                ["type"] = "INITIAL",
                ["amount_money"] = SquareJson.Money(-FeeBack, Payment.Currency),
            });
        json["location_id"] = LocationId;
        json["reason"] = "Returned goods";
        json["destination_type"] = Payment.SourceType;
        return json;
    }
}
