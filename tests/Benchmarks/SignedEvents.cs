using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FinanceIntegrations.Benchmarks;

/// <summary>Unique, signed payout.paid events as Stripe sends them: ready made, so that the load generator only sends.</summary>
internal sealed record SignedEvent(byte[] Body, string Signature)
{
    public static SignedEvent[] Make(int count, string account, string secret, int size, string run, DateTimeOffset now)
    {
        var key = Encoding.UTF8.GetBytes(secret);
        var time = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var filler = new string('x', Math.Max(0, size - 330));
        var events = new SignedEvent[count];
        Parallel.For(0, count, i =>
        {
            var text = $$$$"""{"id":"evt_{{{{run}}}}{{{{i}}}}","object":"event","api_version":"2026-10-28.endive","created":{{{{time}}}},"livemode":false,"account":"{{{{account}}}}","type":"payout.paid","data":{"object":{"id":"po_{{{{run}}}}{{{{i}}}}","object":"payout","amount":{{{{1000 + i}}}},"currency":"gbp","status":"paid","created":{{{{time}}}},"arrival_date":{{{{time}}}},"description":"{{{{filler}}}}"}}}""";
            var body = Encoding.UTF8.GetBytes(text);
            var mac = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{time}.{text}"));
            events[i] = new(body, $"t={time},v1={Convert.ToHexStringLower(mac)}");
        });
        return events;
    }
}
