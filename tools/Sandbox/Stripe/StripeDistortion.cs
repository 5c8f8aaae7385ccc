using System.Text.Json;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.Faults;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>Answers that are well formed and wrong.</summary>
internal static class StripeDistortion
{
    /// <summary>Of a currency that ISO 4217 does not list.</summary>
    private const string NoCurrency = "zzz";

    public static byte[] Of(FaultKind kind, byte[] body)
    {
        var answer = JsonNode.Parse(body)!.AsObject();
        if (kind == FaultKind.EmptyList && answer["data"] is JsonArray)
        {
            answer["data"] = new JsonArray();
            answer["has_more"] = false;
        }
        else if (kind == FaultKind.OddRows && answer["data"] is JsonArray rows)
        {
            foreach (var row in rows.OfType<JsonObject>().Where((_, place) => place % 10 == 0 && rows[place]!["currency"] is not null))
                row["currency"] = NoCurrency;
        }
        else if (kind == FaultKind.Amounts && answer["data"] is JsonArray movements)
        {
            if (movements.OfType<JsonObject>().FirstOrDefault(row => row["net"] is not null && (string?)row["type"] != "payout") is { } first)
                (first["amount"], first["net"]) = ((long)first["amount"]! + 100, (long)first["net"]! + 100);
        }
        else if (kind == FaultKind.Totals && (string?)answer["object"] == "balance")
        {
            foreach (var sum in answer["available"]!.AsArray()) sum!["amount"] = (long)sum["amount"]! + 100;
        }
        return JsonSerializer.SerializeToUtf8Bytes(answer);
    }
}
