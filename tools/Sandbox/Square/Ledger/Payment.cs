using System.Text.Json.Nodes;

namespace FinanceIntegrations.Sandbox.Square.Ledger;

internal sealed class Payment : SquareObject
{
    public required string Currency { get; init; }
    public required long Amount { get; init; }
    public required long Tip { get; init; }
    public required string SourceType { get; init; }
    public required string CardBrand { get; init; }
    public required string Order { get; init; }
    public required string VersionToken { get; init; }

    /// <summary>What Square keeps.</summary>
    public required long Fee { get; init; }

    /// <summary>It comes to be known some seconds after the payment.</summary>
    public bool FeeKnown { get; set; }
    public required string Status { get; set; }
    public long Refunded { get; set; }
    public List<string> Refunds { get; } = [];
    public bool Disputed { get; set; }

    public long Total => Amount + Tip;

    /// <summary>Square holds the money and pays it out.</summary>
    public bool IsHeld => SourceType != "CASH";

    public override JsonObject Json()
    {
        var json = new JsonObject
        {
            ["id"] = Id,
            ["created_at"] = SquareJson.Time(Created),
            ["updated_at"] = SquareJson.Time(Updated),
            ["amount_money"] = SquareJson.Money(Amount, Currency),
        };
        if (Tip > 0) json["tip_money"] = SquareJson.Money(Tip, Currency);
        json["status"] = Status;
        json["delay_duration"] = "PT168H";
        json["source_type"] = SourceType;
        if (SourceType == "CARD") json["card_details"] = Card();
        if (SourceType == "CASH")
            json["cash_details"] = new JsonObject { ["buyer_supplied_money"] = SquareJson.Money(Total, Currency), ["change_back_money"] = SquareJson.Money(0, Currency) };
        json["location_id"] = LocationId;
        json["order_id"] = Order;
        if (FeeKnown)
            json["processing_fee"] = new JsonArray(new JsonObject
            {
                ["effective_at"] = SquareJson.Time(Created + 7_200_000),
                ["type"] = "INITIAL",
                ["amount_money"] = SquareJson.Money(Fee, Currency),
            });
        if (Refunds.Count > 0)
        {
            json["refund_ids"] = new JsonArray([.. Refunds.Select(id => (JsonNode)id)]);
            json["refunded_money"] = SquareJson.Money(Refunded, Currency);
        }
        json["total_money"] = SquareJson.Money(Total, Currency);
        json["approved_money"] = SquareJson.Money(Status == "FAILED" ? 0 : Total, Currency);
        json["receipt_number"] = Id[..4];
        json["version_token"] = VersionToken;
        return json;
    }

    private JsonObject Card()
    {
        var card = new JsonObject
        {
            ["status"] = Status switch
            {
                "COMPLETED" => "CAPTURED",
                "APPROVED" => "AUTHORIZED",
                "CANCELED" => "VOIDED",
                _ => "FAILED",
            },
            ["card"] = new JsonObject { ["card_brand"] = CardBrand, ["last_4"] = "1111", ["exp_month"] = 11, ["exp_year"] = 2029, ["card_type"] = "CREDIT" },
            ["entry_method"] = "EMV",
            ["statement_description"] = "SQ *EXAMPLE",
        };
        if (Status == "FAILED")
            card["errors"] = new JsonArray(new JsonObject
            {
                ["category"] = "PAYMENT_METHOD_ERROR",
                ["code"] = "GENERIC_DECLINE",
                ["detail"] = "Authorization error: 'GENERIC_DECLINE'",
            });
        return card;
    }
}
