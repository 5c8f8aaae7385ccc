using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FinanceIntegrations.Domain.Webhooks;
using FinanceIntegrations.Providers.PayPal;
using FinanceIntegrations.Providers.Square;
using FinanceIntegrations.Providers.Stripe;
using FinanceIntegrations.Providers.Tests.PayPal;
using Xunit;

namespace FinanceIntegrations.Providers.Tests;

/// <summary>Real events, torn in every way that comes to mind: nothing is taken for authentic that was not signed so, and nothing throws.</summary>
public sealed class WebhookFuzzTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A minute for all three together; an hour with <c>./test --long</c>.</summary>
    private static readonly TimeSpan Length = Environment.GetEnvironmentVariable("FI_LONG") == "1" ? TimeSpan.FromHours(1) : TimeSpan.FromSeconds(60);

    private static readonly byte[][] Bodies =
    [
        """{"id":"evt_1","object":"event","account":"acct_1","created":1793534400,"type":"charge.dispute.created","data":{"object":{"id":"dp_1","object":"dispute","amount":1234,"currency":"gbp","created":1793534400,"status":"needs_response","reason":"fraudulent","charge":"ch_1","evidence_details":{"due_by":1794534400}}}}"""u8.ToArray(),
        """{"id":"evt_2","object":"event","created":1793534400,"type":"payout.paid","data":{"object":{"id":"po_1","object":"payout","amount":-5,"currency":"jpy","arrival_date":1793534400,"created":1793534400,"status":"paid","method":"standard","automatic":true}}}"""u8.ToArray(),
        """{"merchant_id":"MLEFBHHSJGVHD","type":"payment.updated","event_id":"ac3ac95b-f97d-458c-a6e6-18981597e05f","created_at":"2026-11-01T11:59:30.037339943Z","data":{"type":"payment","id":"p1","object":{"payment":{"id":"p1","created_at":"2026-11-01T11:00:00Z","updated_at":"2026-11-01T11:00:00Z","amount_money":{"amount":100,"currency":"GBP"},"status":"COMPLETED","location_id":"L1"}}}}"""u8.ToArray(),
        """{"id":"WH-1","event_version":"1.0","create_time":"2026-11-01T11:59:30Z","resource_type":"capture","resource_version":"2.0","event_type":"PAYMENT.CAPTURE.COMPLETED","resource":{"id":"1E12345","amount":{"currency_code":"GBP","value":"1.0"},"status":"COMPLETED"}}"""u8.ToArray(),
        "{}"u8.ToArray(),
        [],
    ];

    private static readonly string[] Types =
        ["charge.dispute.created", "payout.paid", "balance.available", "account.application.deauthorized", "payment.updated", "payout.sent", "dispute.created",
         "oauth.authorization.revoked", "PAYMENT.CAPTURE.COMPLETED", "CUSTOMER.DISPUTE.CREATED", "MERCHANT.PARTNER-CONSENT.REVOKED", "", "no.such.type"];

    [Fact]
    public async Task Whatever_is_torn_is_rejected_and_nothing_throws()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        using var chain = new TestChain(Now);
        Signed[] all = [OfStripe(), OfSquare(), await OfPayPalAsync(chain)];
        var (watch, torn, authentic) = (Stopwatch.StartNew(), 0L, 0L);
        while (watch.Elapsed < Length)
        {
            var signed = all[random.Next(all.Length)];
            var body = Bodies[random.Next(Bodies.Length)];
            var headers = signed.Sign(body);
            var (otherBody, otherHeaders) = Tear(random, body, headers, all);
            try
            {
                var verdict = signed.Webhooks.Verify(otherBody, otherHeaders, signed.Secrets, Now);
                if (verdict == WebhookVerdict.Authentic)
                {
                    authentic++;   // as it was, or torn into another that was signed too
                    Assert.True(signed.Sign(otherBody).Zip(otherHeaders).Take(signed.Signing).All(pair => Means(pair.Second, pair.First)), "authentic, though torn");
                }
                signed.Webhooks.ReadEnvelope(otherBody);
                signed.Webhooks.Interpret(Types[random.Next(Types.Length)], otherBody);
                torn++;
            }
            catch (Exception failure)
            {
                Assert.Fail(string.Create(CultureInfo.InvariantCulture,
                    $"seed {seed}, {signed.Name}, event {torn}: {failure.Message}\nbody {Convert.ToHexString(otherBody)}\nheaders {string.Join(" | ", otherHeaders)}\n{failure}"));
            }
        }
        TestContext.Current.SendDiagnosticMessage("{0} events, {1} of them authentic", torn, authentic);
        Assert.True(torn > 1_000, $"{torn} events in {Length}");
        Assert.True(authentic > 0, "the untouched ones are authentic");
    }

    /// <summary>White space and further entries around a signature, and bits that base64 does not use, do not change what was signed.</summary>
    private static bool Means(string seen, string sent)
    {
        var parts = string.Concat(seen.Where(c => !char.IsWhiteSpace(c))).Split(',');
        return seen == sent || sent.Split(',').All(parts.Contains) || (Decoded(sent) is { } bytes && Decoded(seen) is { } same && bytes.AsSpan().SequenceEqual(same));
    }

    private static byte[]? Decoded(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? bytes[..length] : null;
    }

    private static (byte[] Body, string[] Headers) Tear(Random random, byte[] body, string[] headers, Signed[] all)
    {
        headers = [.. headers];
        if (random.Next(50) == 0) return (body, headers);
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(headers.Length);
            switch (random.Next(7))
            {
                case 0 or 1 or 2:
                    body = TearBytes(random, body);
                    break;
                case 3:
                    headers[at] = Encoding.Latin1.GetString(TearBytes(random, Encoding.Latin1.GetBytes(headers[at])));
                    break;
                case 4:
                    headers[at] = "";
                    break;
                case 5:   // another provider's, or another event's
                    var others = all[random.Next(all.Length)].Sign(Bodies[random.Next(Bodies.Length)]);
                    headers[at] = others[random.Next(others.Length)];
                    break;
                default:
                    headers[at] = new string([.. Enumerable.Range(0, random.Next(0, 300)).Select(_ => (char)random.Next(1, 0xFFFF))]);
                    break;
            }
        }
        return (body, headers);
    }

    private static byte[] TearBytes(Random random, byte[] bytes)
    {
        if (bytes.Length == 0) return [(byte)random.Next(256)];
        var at = random.Next(bytes.Length);
        switch (random.Next(6))
        {
            case 0:   // a bit
                var flipped = (byte[])bytes.Clone();
                flipped[at] ^= (byte)(1 << random.Next(8));
                return flipped;
            case 1:
                return bytes[..at];
            case 2:
                return [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(1, 20))..]];
            case 3:
                return [.. bytes[..at], .. "999999999999999999999999999"u8, .. bytes[at..]];
            case 4:
                var noise = new byte[random.Next(1, 40)];
                random.NextBytes(noise);
                return [.. bytes[..at], .. noise, .. bytes[at..]];
            default:   // nested, or twice
                return random.Next(2) == 0 ? [.. Enumerable.Repeat((byte)'[', random.Next(1, 2_000)), .. bytes] : [.. bytes, .. bytes];
        }
    }

    private static Signed OfStripe() => new("stripe", new StripeWebhooks(), [WebhookSecret.FromText("whsec_1")], body =>
    {
        var at = Now.ToUnixTimeSeconds();
        byte[] message = [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{at}.")), .. body];
        return [string.Create(CultureInfo.InvariantCulture, $"t={at},v1={Convert.ToHexStringLower(HMACSHA256.HashData("whsec_1"u8, message))}")];
    });

    private static Signed OfSquare() => new("square", new SquareWebhooks(), [WebhookSecret.FromText("key") with { Url = "https://app.test/webhooks/square" }], body =>
    {
        byte[] message = [.. "https://app.test/webhooks/square"u8, .. body];
        return [Convert.ToBase64String(HMACSHA256.HashData("key"u8, message))];
    });

    private static async Task<Signed> OfPayPalAsync(TestChain chain)
    {
        const string url = "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270";
        const string webhook = "8PT597110X687430L";
        const string time = "2026-11-01T11:59:30Z";
        var pem = chain.Leaf();
        var webhooks = new PayPalWebhooks(new(["api.paypal.com"], chain.Trusted, (_, _) => Task.FromResult<string?>(pem), TimeProvider.System));
        var signed = new Signed("paypal", webhooks, [WebhookSecret.FromText(webhook)], body =>
        [
            "t-1", time, chain.Sign(string.Create(CultureInfo.InvariantCulture, $"t-1|{time}|{webhook}|{PayPalCrc32.Of(body)}")), url, "SHA256withRSA",
        ])
        { Signing = 3 };
        Assert.Equal(WebhookVerdict.Authentic, await webhooks.DecideAsync(Bodies[^2], signed.Sign(Bodies[^2]), signed.Secrets, Now, TestContext.Current.CancellationToken));
        return signed;
    }

    private sealed record Signed(string Name, IReadsWebhooks Webhooks, WebhookSecret[] Secrets, Func<byte[], string[]> Sign)
    {
        /// <summary>So many of the headers are signed, or are the signature; the others only say where its key lies.</summary>
        public int Signing { get; init; } = 1;
    }
}
