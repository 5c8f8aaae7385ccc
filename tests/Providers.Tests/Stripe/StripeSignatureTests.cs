using System.Security.Cryptography;
using System.Text;
using CsCheck;
using FinanceIntegrations.Domain.Webhooks;
using FinanceIntegrations.Providers.Stripe;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Stripe;

public sealed class StripeSignatureTests
{
    private static readonly StripeWebhooks Webhooks = new();
    private static readonly Gen<byte[]> Body = Gen.Byte.Array[0, 6000];
    private static readonly Gen<string> Secret = Gen.String[Gen.Char['!', '~'], 1, 80];
    private static readonly Gen<long> Time = Gen.Long[0, 4_000_000_000];

    [Fact]
    public void Stripes_own_vector_is_authentic()
    {
        using var vectors = Specifications.ReadJson("stripe/webhook-vectors.json");
        Assert.All(vectors.RootElement.GetProperty("vectors").EnumerateArray(), v =>
        {
            var at = v.GetProperty("timestamp").GetInt64();
            var body = Encoding.UTF8.GetBytes(v.GetProperty("body").GetString()!);
            var (header, secret) = (v.GetProperty("header").GetString()!, v.GetProperty("secret").GetString()!);
            Assert.Equal(WebhookVerdict.Authentic, Verify(body, header, at, secret));
            Assert.Equal(WebhookVerdict.Expired, Verify(body, header, at + 301, secret));
            Assert.Equal(WebhookVerdict.Forged, Verify(body, header, at, secret + "x"));
        });
        var file = Specifications.Read("stripe/event_test_signature.json");
        Assert.Equal(WebhookVerdict.Authentic, Verify(file, vectors.RootElement.GetProperty("vectors")[0].GetProperty("header").GetString()!, 1533204620, "webhook_secret"));
    }

    /// <summary>stripe-dotnet, src/StripeTests/Services/Events/EventUtilityTest.cs; the second entry of a rolled secret.</summary>
    [Theory]
    [InlineData("t=1700000000,v1=c561c5814cba8a0cd366ee43292d205cf59c9635ad120894be1ef80c0af72b76")]
    [InlineData("t=1700000000,v1=0000000000000000000000000000000000000000000000000000000000000000,v1=c561c5814cba8a0cd366ee43292d205cf59c9635ad120894be1ef80c0af72b76")]
    [InlineData("v0=00, v1=c561c5814cba8a0cd366ee43292d205cf59c9635ad120894be1ef80c0af72b76, t=1700000000,x=")]
    public void Vectors_typed_by_hand_are_authentic(string header) =>
        Assert.Equal(WebhookVerdict.Authentic, Verify("{}"u8, header, 1700000000, "test_secret"));

    [Theory]
    [InlineData("")]
    [InlineData("t=,v1=")]
    [InlineData("t,v1=,v0=")]
    [InlineData("t,v1=")]
    [InlineData(",,")]
    [InlineData("t")]
    [InlineData("=")]
    [InlineData("t=1700000000")]
    [InlineData("v1=c561c5814cba8a0cd366ee43292d205cf59c9635ad120894be1ef80c0af72b76")]
    [InlineData("t=now,v1=c561c5814cba8a0cd366ee43292d205cf59c9635ad120894be1ef80c0af72b76")]
    [InlineData("t=-1700000000,v1=c561c5814cba8a0cd366ee43292d205cf59c9635ad120894be1ef80c0af72b76")]
    [InlineData("t=99999999999999999999,v1=c561c5814cba8a0cd366ee43292d205cf59c9635ad120894be1ef80c0af72b76")]
    [InlineData("t=1700000000,v0=c561c5814cba8a0cd366ee43292d205cf59c9635ad120894be1ef80c0af72b76")]
    public void A_header_that_is_not_of_the_scheme_is_no_signature(string header) =>
        Assert.Equal(WebhookVerdict.Missing, Verify("{}"u8, header, 1700000000, "test_secret"));

    [Theory]
    [InlineData("t=1700000000,v1=C561C5814CBA8A0CD366EE43292D205CF59C9635AD120894BE1EF80C0AF72B76")]
    [InlineData("t=1700000000,v1=c561")]
    [InlineData("t=1700000000,v1=zz")]
    [InlineData("t=01700000000,v1=c561c5814cba8a0cd366ee43292d205cf59c9635ad120894be1ef80c0af72b76")]
    public void A_signature_that_is_not_exactly_ours_is_forged(string header) =>
        Assert.Equal(WebhookVerdict.Forged, Verify("{}"u8, header, 1700000000, "test_secret"));

    [Fact]
    public void Without_a_secret_or_with_an_empty_one_nothing_is_authentic()
    {
        var header = Sign("{}"u8.ToArray(), 1700000000, "");
        Assert.Equal(WebhookVerdict.Forged, Webhooks.Verify("{}"u8, [header], [], At(1700000000)));
        Assert.Equal(WebhookVerdict.Forged, Verify("{}"u8, header, 1700000000, ""));
        Assert.Equal(WebhookVerdict.Missing, Webhooks.Verify("{}"u8, [], [WebhookSecret.FromText("s")], At(1700000000)));
    }

    [Fact]
    public void Whatever_is_signed_with_a_live_secret_is_authentic() =>
        Gen.Select(Body, Secret, Secret, Time).Sample((body, secret, other, time) =>
        {
            Assert.Equal(WebhookVerdict.Authentic, Verify(body, Sign(body, time, secret), time, secret));
            Assert.Equal(WebhookVerdict.Authentic, Verify(body, Sign(body, time, secret), time, other, secret));
            Assert.Equal(WebhookVerdict.Authentic, Verify(body, Sign(body, time, secret), time, secret, other));
        });

    [Fact]
    public void Any_one_byte_change_of_the_body_is_refused() =>
        Gen.Select(Body.Where(b => b.Length > 0), Secret, Gen.Int[0, int.MaxValue], Gen.Byte[1, 255]).Sample((body, secret, position, change) =>
        {
            var header = Sign(body, 1700000000, secret);
            var changed = body.ToArray();
            changed[position % body.Length] ^= change;
            Assert.Equal(WebhookVerdict.Forged, Verify(changed, header, 1700000000, secret));
            Assert.Equal(WebhookVerdict.Forged, Verify(body.AsSpan(1), header, 1700000000, secret));
            Assert.Equal(WebhookVerdict.Forged, Verify([.. body, change], header, 1700000000, secret));
        });

    [Fact]
    public void Any_change_of_the_signature_or_its_time_is_refused() =>
        Gen.Select(Body, Secret, Gen.Int[0, 1000], Gen.Char['0', 'z']).Sample((body, secret, position, letter) =>
        {
            var header = Sign(body, 1700000000, secret).ToCharArray();
            var at = position % header.Length;
            if (header[at] == letter) return;
            header[at] = letter;
            Assert.NotEqual(WebhookVerdict.Authentic, Verify(body, new string(header), 1700000000, secret));
        });

    [Fact]
    public void Another_secret_is_refused() =>
        Gen.Select(Body, Secret, Secret).Sample((body, secret, other) =>
        {
            if (secret != other) Assert.Equal(WebhookVerdict.Forged, Verify(body, Sign(body, 1700000000, secret), 1700000000, other));
        });

    [Theory]
    [InlineData(-301, WebhookVerdict.Expired)]
    [InlineData(-300, WebhookVerdict.Authentic)]
    [InlineData(300, WebhookVerdict.Authentic)]
    [InlineData(301, WebhookVerdict.Expired)]
    public void Five_minutes_either_way_is_the_edge(int late, WebhookVerdict verdict) =>
        Assert.Equal(verdict, Verify("{}"u8, Sign("{}"u8.ToArray(), 1700000000, "s"), 1700000000 + late, "s"));

    [Fact]
    public void No_header_whatever_throws() =>
        Gen.Select(Gen.String[Gen.Char, 0, 200], Body).Sample((header, body) => Assert.NotEqual(WebhookVerdict.Authentic, Verify(body, header, 1700000000, "s")));

    private static WebhookVerdict Verify(ReadOnlySpan<byte> body, string header, long now, params string[] secrets) =>
        Webhooks.Verify(body, [header], secrets.Select(WebhookSecret.FromText).ToArray(), At(now));

    private static DateTimeOffset At(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);

    private static string Sign(byte[] body, long time, string secret)
    {
        byte[] message = [.. Encoding.ASCII.GetBytes($"{time}."), .. body];
        var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), message);
        return $"t={time},v1={Convert.ToHexStringLower(mac)}";
    }
}
