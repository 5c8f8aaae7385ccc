using System.Text.Json;
using FinanceIntegrations.Sandbox.Stripe.Ledger;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>The <c>balance</c> resource: sums of the books as they stand.</summary>
internal static class BalanceJson
{
    public static byte[] Write(Books books)
    {
        lock (books.Gate)
        {
            return StripeObject.Render(json =>
            {
                json.WriteString("object", "balance");
                WriteSums(json, "available", books.Sums, sum => sum.Available);
                json.EmptyArray("connect_reserved");
                WriteSums(json, "instant_available", books.Sums, sum => Math.Max(0, sum.Available));
                json.WriteBoolean("livemode", false);
                WriteSums(json, "pending", books.Sums, sum => sum.Pending);
            });
        }
    }

    private static void WriteSums(
        Utf8JsonWriter json, string name, IReadOnlyDictionary<string, (long Available, long Pending)> sums,
        Func<(long Available, long Pending), long> pick)
    {
        json.WriteStartArray(name);
        foreach (var (currency, sum) in sums)
        {
            json.WriteStartObject();
            json.WriteNumber("amount", pick(sum));
            json.WriteString("currency", currency);
            json.WriteStartObject("source_types");
            json.WriteNumber("card", pick(sum));
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
