using System.Text.Json.Nodes;

namespace FinanceIntegrations.Sandbox.Square.Ledger;

internal sealed class Dispute : SquareObject
{
    public required Payment Payment { get; init; }
    public required string Reason { get; init; }
    public required string State { get; set; }
    public int Version { get; set; } = 1;

    /// <summary>What the seller has uploaded, oldest first.</summary>
    public List<Evidence> Evidence { get; } = [];

    public bool IsOpen => State is "EVIDENCE_REQUIRED" or "PROCESSING";

    public override JsonObject Json() => new()
    {
        ["id"] = Id,
        ["amount_money"] = SquareJson.Money(Payment.Total, Payment.Currency),
        ["reason"] = Reason,
        ["state"] = State,
        ["due_at"] = SquareJson.Time(Created + (14L * 86_400_000)),
        ["disputed_payment"] = new JsonObject { ["payment_id"] = Payment.Id },
        ["card_brand"] = Payment.CardBrand,
        ["created_at"] = SquareJson.Time(Created),
        ["updated_at"] = SquareJson.Time(Updated),
        ["reported_at"] = SquareJson.Day(Created) + "T00:00:00.000Z",
        ["version"] = Version,
        ["location_id"] = LocationId,
    };
}

/// <summary>A piece of a seller's evidence: a text, or of a file its name and type, for nobody gets the file back.</summary>
internal sealed record Evidence(string Id, string Key, string Dispute, string Type, string? Text, string? FileName, string? FileType, long Uploaded)
{
    public JsonObject Json()
    {
        var json = new JsonObject { ["id"] = Id, ["dispute_id"] = Dispute, ["uploaded_at"] = SquareJson.Time(Uploaded), ["evidence_type"] = Type };
        if (Text is not null) json["evidence_text"] = Text;
        else json["evidence_file"] = new JsonObject { ["filename"] = FileName, ["filetype"] = FileType };
        return json;
    }
}
