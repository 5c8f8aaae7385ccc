using System.Text;
using System.Text.Json.Nodes;

namespace FinanceIntegrations.Sandbox.Square.Ledger;

/// <summary>An event, with its object as it was then.</summary>
internal sealed record SquareEvent(string Id, string Merchant, string? Location, string Type, long Created, string ObjectType, string ObjectId, JsonObject? Object)
{
    /// <summary>The body of its webhook.</summary>
    public byte[] Body()
    {
        var json = new JsonObject { ["merchant_id"] = Merchant };
        if (Location is not null) json["location_id"] = Location;
        json["type"] = Type;
        json["event_id"] = Id;
        json["created_at"] = SquareJson.NanoTime(Created);
        json["data"] = new JsonObject { ["type"] = ObjectType, ["id"] = ObjectId };
        if (Object is not null) json["data"]!["object"] = new JsonObject { [ObjectType] = Object.DeepClone() };
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }
}
