using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using FinanceIntegrations.Domain.Webhooks;
using FinanceIntegrations.Providers.PayPal;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.PayPal;

public sealed class PayPalSignatureTests : IDisposable
{
    private const string WebhookId = "8PT597110X687430L";
    private const string Url = "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270";
    private const string Time = "2026-11-01T11:59:30Z";

    private static readonly DateTimeOffset Now = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"id":"WH-1","event_type":"PAYMENT.CAPTURE.COMPLETED","amount":1.0,"name":"Zoë"}""");

    private readonly TestChain _chain = new(Now);
    private int _fetched;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static WebhookSecret[] Secrets => [WebhookSecret.FromText(WebhookId)];

    /// <summary>paypal.md §8 C, and the standard's check value.</summary>
    [Theory]
    [InlineData("test_string", 157791623u)]
    [InlineData("123456789", 3421780262u)]
    [InlineData("", 0u)]
    public void A_checksum_is_the_published_one(string text, uint expected) => Assert.Equal(expected, PayPalCrc32.Of(Encoding.UTF8.GetBytes(text)));

    /// <summary>paypal.md §8 B.</summary>
    [Fact]
    public void The_signed_message_is_the_published_one()
    {
        var signature = PayPalSignature.Read(["b2384410-f8d2-11e4-8bf3-77339302725b", "2015-05-12T18:14:14Z", "AAAA", Url, "SHA256withRSA"], 1024)!;
        Assert.Equal(
            "b2384410-f8d2-11e4-8bf3-77339302725b|2015-05-12T18:14:14Z|3RN13029J36659323|1545912919",
            Encoding.UTF8.GetString(signature.Message("3RN13029J36659323", 1545912919)));
    }

    /// <summary>paypal.md §8 A: PayPal's own sample, certificate and all, as of its day.</summary>
    [Fact]
    public async Task PayPals_own_sample_is_authentic_on_its_day_for_its_webhook_alone()
    {
        using var vectors = Specifications.ReadJson("paypal/webhook-vector.json");
        var vector = vectors.RootElement.GetProperty("vector");
        var body = Specifications.Read("paypal/webhook-vector-body.json");
        Assert.Equal(vector.GetProperty("body_crc32").GetUInt32(), PayPalCrc32.Of(body));

        using var machine = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
        X509Certificate2Collection trusted = [.. machine.Certificates.Where(c => c.Subject.Contains("DigiCert High Assurance EV Root CA", StringComparison.Ordinal))];
        Assert.SkipWhen(trusted.Count == 0, "This machine does not trust the root of the sample.");
        var pem = vector.GetProperty("leaf_pem").GetString() + vector.GetProperty("issuer_pem").GetString();
        const string url = "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77";
        var webhooks = new PayPalWebhooks(new(["api.sandbox.paypal.com"], trusted, (_, _) => Task.FromResult<string?>(pem), TimeProvider.System));
        string[] headers =
        [
            vector.GetProperty("transmission_id").GetString()!, vector.GetProperty("transmission_time").GetString()!,
            vector.GetProperty("transmission_sig").GetString()!, url, vector.GetProperty("auth_algo").GetString()!,
        ];
        var day = new DateTimeOffset(2017, 3, 30, 20, 5, 0, TimeSpan.Zero);
        WebhookSecret[] right = [WebhookSecret.FromText(vector.GetProperty("webhook_id").GetString()!)];

        Assert.Equal(WebhookVerdict.Undecided, webhooks.Verify(body, headers, right, day));
        Assert.Equal(WebhookVerdict.Authentic, await webhooks.DecideAsync(body, headers, right, day, Cancel));
        Assert.Equal(WebhookVerdict.Authentic, webhooks.Verify(body, headers, right, day));
        Assert.Equal(WebhookVerdict.Forged, webhooks.Verify(body, headers, [WebhookSecret.FromText("NotToBeFound")], day));
        Assert.Equal(WebhookVerdict.Expired, webhooks.Verify(body, headers, right, Now));
    }

    [Fact]
    public async Task An_event_is_authentic_for_any_live_webhook_id_once_its_certificate_is_here()
    {
        var webhooks = Webhooks(_chain.Leaf());
        Assert.Equal(WebhookVerdict.Undecided, webhooks.Verify(Body, Headers(), Secrets, Now));
        Assert.Equal(WebhookVerdict.Authentic, await DecideAsync(webhooks));
        Assert.Equal(WebhookVerdict.Authentic, webhooks.Verify(Body, Headers(), [WebhookSecret.FromText("older"), .. Secrets], Now));
        Assert.Equal(WebhookVerdict.Authentic, await DecideAsync(webhooks));
        Assert.Equal(1, _fetched);
    }

    [Fact]
    public async Task One_other_byte_of_body_header_or_signature_is_a_forgery()
    {
        var webhooks = Webhooks(_chain.Leaf());
        await DecideAsync(webhooks);
        for (var at = 0; at < Body.Length; at++)
        {
            var other = (byte[])Body.Clone();
            other[at] ^= 1;
            Assert.Equal(WebhookVerdict.Forged, webhooks.Verify(other, Headers(), Secrets, Now));
        }
        foreach (var (place, text) in new[] { (0, "another-id"), (1, "2026-11-01T11:59:31Z"), (1, "2026-11-01T11:59:30.0Z"), (2, Headers()[2].Replace('A', 'B')), (2, "AAAA") })
        {
            var headers = Headers();
            headers[place] = text;
            Assert.Equal(WebhookVerdict.Forged, webhooks.Verify(Body, headers, Secrets, Now));
        }
        Assert.Equal(WebhookVerdict.Forged, webhooks.Verify(Body, Headers(), [WebhookSecret.FromText("8PT597110X687430M")], Now));
        Assert.Equal(WebhookVerdict.Forged, webhooks.Verify(Body, Headers(), [new WebhookSecret(default)], Now));
        Assert.Equal(WebhookVerdict.Forged, webhooks.Verify(Body, Headers(), [], Now));
        Assert.Equal(WebhookVerdict.Forged, webhooks.Verify([], Headers(), Secrets, Now));
    }

    [Fact]
    public void What_lacks_a_header_or_is_of_another_scheme_is_no_signature()
    {
        var webhooks = Webhooks(_chain.Leaf());
        for (var missing = 0; missing < 5; missing++)
        {
            var headers = Headers();
            headers[missing] = "";
            Assert.Equal(WebhookVerdict.Missing, webhooks.Verify(Body, headers, Secrets, Now));
        }
        foreach (var (place, text) in new[]
        {
            (0, "a|b"), (1, "yesterday"), (1, "2026-11-01T11:59:30"), (2, "not base64!"), (2, "t=1700000000,v1=c561c5814cba8a0cd366ee43292d205cf59c9635ad120894be1ef80c0af72b76"),
            (2, new string('A', 1025)), (3, "certificate"), (4, "SHA1withRSA"), (4, "none"),
        })
        {
            var headers = Headers();
            headers[place] = text;
            Assert.Equal(WebhookVerdict.Missing, webhooks.Verify(Body, headers, Secrets, Now));
        }
        Assert.Equal(WebhookVerdict.Missing, webhooks.Verify(Body, ["t=1,v1=ab"], Secrets, Now));
        Assert.Equal(0, _fetched);
    }

    [Theory]
    [InlineData("http://api.paypal.com/v1/notifications/certs/CERT-1")]
    [InlineData("https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1")]
    [InlineData("https://evil.example/v1/notifications/certs/CERT-1")]
    [InlineData("https://api.paypal.com@evil.example/v1/notifications/certs/CERT-1")]
    [InlineData("https://user@api.paypal.com/v1/notifications/certs/CERT-1")]
    [InlineData("https://api.paypal.com:8443/v1/notifications/certs/CERT-1")]
    [InlineData("https://api.paypal.com/v1/oauth2/token")]
    [InlineData("https://api.paypal.com/v1/notifications/certs/../../x")]
    [InlineData("https://api.paypal.com/v1/notifications/certs/CERT-1?x=http://evil.example")]
    [InlineData("https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1")]
    [InlineData("https://127.0.0.1/v1/notifications/certs/CERT-1")]
    [InlineData("file:///v1/notifications/certs/CERT-1")]
    public async Task A_certificate_from_elsewhere_is_not_even_fetched(string url)
    {
        var webhooks = Webhooks(_chain.Leaf());
        var headers = Headers();
        headers[3] = url;
        Assert.Equal(WebhookVerdict.Forged, webhooks.Verify(Body, headers, Secrets, Now));
        Assert.NotEqual(WebhookVerdict.Authentic, await webhooks.DecideAsync(Body, headers, Secrets, Now, Cancel));
        Assert.Equal(0, _fetched);
    }

    [Fact]
    public async Task A_certificate_that_is_not_PayPals_signs_nothing()
    {
        using var stranger = new TestChain(Now);
        foreach (var pem in new[]
        {
            _chain.SelfSigned(), _chain.Leaf("CN=www.paypal.com"), _chain.Leaf("CN=messageverificationcerts.paypal.com.evil.example"),
            _chain.Leaf("CN=messageverificationcertsx.paypal.com"), _chain.Leaf("CN=evil, OU=messageverificationcerts.paypal.com"),
            _chain.Leaf(to: TimeSpan.FromDays(-1)), _chain.Leaf(from: TimeSpan.FromDays(1)),
            $"{_chain.SelfSigned()}\n{_chain.RootPem}",
        })
            Assert.Equal(WebhookVerdict.Forged, await DecideAsync(Webhooks(pem)));
        using var certificates = new PayPalCertificates(["api.paypal.com"], stranger.Trusted, (_, _) => Task.FromResult<string?>($"{_chain.Leaf()}\n{_chain.RootPem}"), TimeProvider.System);
        Assert.Equal(WebhookVerdict.Forged, await DecideAsync(new(certificates)));
    }

    [Fact]
    public async Task A_certificate_that_has_ended_since_still_tells_what_was_signed_before()
    {
        var webhooks = Webhooks(_chain.Leaf(to: TimeSpan.FromHours(-1)));
        Assert.Equal(WebhookVerdict.Authentic, await DecideAsync(webhooks, Headers("2026-11-01T10:00:00Z")));
        Assert.Equal(WebhookVerdict.Forged, webhooks.Verify(Body, Headers(), Secrets, Now));
    }

    [Theory]
    [InlineData("2026-10-29T12:00:00Z", WebhookVerdict.Authentic)]
    [InlineData("2026-10-28T11:59:59Z", WebhookVerdict.Expired)]
    [InlineData("2026-11-01T12:04:59Z", WebhookVerdict.Authentic)]
    [InlineData("2026-11-01T12:05:01Z", WebhookVerdict.Expired)]
    public async Task Three_days_of_trying_again_are_in_time(string time, WebhookVerdict expected)
    {
        var webhooks = Webhooks(_chain.Leaf());
        await DecideAsync(webhooks);
        Assert.Equal(expected, webhooks.Verify(Body, Headers(time), Secrets, Now));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("<html>Service unavailable</html>")]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    public async Task A_certificate_that_cannot_be_had_leaves_the_event_undecided_and_is_asked_for_again(string? answer)
    {
        var webhooks = Webhooks(answer);
        Assert.Equal(WebhookVerdict.Undecided, await DecideAsync(webhooks));
        Assert.Equal(WebhookVerdict.Undecided, await DecideAsync(webhooks));
        Assert.Equal(2, _fetched);
    }

    [Fact]
    public async Task Many_made_up_addresses_do_not_make_us_call_PayPal_without_end()
    {
        var webhooks = Webhooks(null);
        for (var n = 0; n < 100; n++)
        {
            var headers = Headers();
            headers[3] = $"https://api.paypal.com/v1/notifications/certs/CERT-{n.ToString(CultureInfo.InvariantCulture)}";
            Assert.Equal(WebhookVerdict.Undecided, await webhooks.DecideAsync(Body, headers, Secrets, Now, Cancel));
        }
        Assert.Equal(20, _fetched);
    }

    [Fact]
    public async Task Many_requests_at_once_fetch_a_certificate_once()
    {
        var webhooks = Webhooks(_chain.Leaf());
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => DecideAsync(webhooks))), verdict => Assert.Equal(WebhookVerdict.Authentic, verdict));
        Assert.Equal(1, _fetched);
    }

    [Fact]
    public void The_question_to_PayPal_holds_the_body_as_it_came()
    {
        var signature = PayPalSignature.Read(Headers(), 1024)!;
        var question = Encoding.UTF8.GetString(PayPalVerification.Question(Body, signature, WebhookId));
        Assert.Contains($"\"webhook_event\":{Encoding.UTF8.GetString(Body)}}}", question, StringComparison.Ordinal);
        using var parsed = JsonDocument.Parse(question);
        Assert.Equal((WebhookId, Url, Time, "SHA256withRSA", signature.Text), (
            parsed.RootElement.GetProperty("webhook_id").GetString(), parsed.RootElement.GetProperty("cert_url").GetString(),
            parsed.RootElement.GetProperty("transmission_time").GetString(), parsed.RootElement.GetProperty("auth_algo").GetString(),
            parsed.RootElement.GetProperty("transmission_sig").GetString()));
    }

    public void Dispose() => _chain.Dispose();

    private string[] Headers(string time = Time) =>
        ["t-1", time, _chain.Sign($"t-1|{time}|{WebhookId}|{PayPalCrc32.Of(Body).ToString(CultureInfo.InvariantCulture)}"), Url, "SHA256withRSA"];

    private PayPalWebhooks Webhooks(string? pem) => new(new(["api.paypal.com"], _chain.Trusted, (_, _) =>
    {
        Interlocked.Increment(ref _fetched);
        return Task.FromResult(pem);
    }, TimeProvider.System));

    private Task<WebhookVerdict> DecideAsync(PayPalWebhooks webhooks, string[]? headers = null) =>
        webhooks.DecideAsync(Body, headers ?? Headers(), Secrets, Now, Cancel);
}
