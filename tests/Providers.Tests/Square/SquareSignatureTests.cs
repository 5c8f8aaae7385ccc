using System.Security.Cryptography;
using System.Text;
using CsCheck;
using FinanceIntegrations.Domain.Webhooks;
using FinanceIntegrations.Providers.Square;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Square;

public sealed class SquareSignatureTests
{
    private const string Url = "https://webhook.site/679a4f3a-dcfa-49ee-bac5-9d0edad886b9";
    private const string Key = "Ibxx_5AKakO-3qeNVR61Dw";
    private const string Signature = "GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4=";
    private const string Body =
        """{"merchant_id":"MLEFBHHSJGVHD","type":"webhooks.test_notification","event_id":"ac3ac95b-f97d-458c-a6e6-18981597e05f","created_at":"2022-07-13T20:30:59.037339943Z","data":{"type":"webhooks","id":"bc368e64-01aa-407e-b46e-3231809b1129"}}""";

    private static readonly SquareWebhooks Webhooks = new();
    private static readonly DateTimeOffset Then = new(2022, 7, 13, 20, 31, 0, TimeSpan.Zero);
    private static readonly Gen<byte[]> AnyBody = Gen.Byte.Array[0, 6000];
    private static readonly Gen<string> AnyKey = Gen.String[Gen.Char['!', '~'], 1, 80];
    private static readonly Gen<string> AnyUrl = Gen.String[Gen.Char['!', '~'], 1, 200];

    [Fact]
    public void Every_vector_of_Squares_libraries_and_pages_is_judged_as_they_say()
    {
        using var vectors = Specifications.ReadJson("square/webhook-vectors.json");
        var all = vectors.RootElement.GetProperty("vectors").EnumerateArray().ToList();
        Assert.True(all.Count >= 8);
        Assert.All(all, v => Assert.Equal(
            Text(v, "expect") == "valid",
            Verify(Encoding.UTF8.GetBytes(Text(v, "body")), Text(v, "signature"), Text(v, "notification_url"), Text(v, "signature_key")) == WebhookVerdict.Authentic));
        Assert.Equal(3, all.Count(v => Text(v, "expect") == "valid"));

        static string Text(System.Text.Json.JsonElement vector, string name) => vector.GetProperty(name).GetString()!;
    }

    /// <summary>square.md §8, typed by hand.</summary>
    [Theory]
    [InlineData("signature-key", "https://webhook.site/webhooks", """{"data":{"type":"webhooks","id":">id<"}}""", "Cxt7+aTi4rKgcA0bC4g9EHdVtLSDWdqccmL5MvihU4U=")]
    [InlineData("asdf1234", "https://example.com/webhook", """{"hello":"world"}""", "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og=")]
    [InlineData(Key, Url, Body, Signature)]
    public void Vectors_are_authentic(string key, string url, string body, string signature) =>
        Assert.Equal(WebhookVerdict.Authentic, Verify(Encoding.UTF8.GetBytes(body), signature, url, key));

    [Theory]
    [InlineData("https://webhook.site/79a4f3a-dcfa-49ee-bac5-9d0edad886b9", Key, Signature)]
    [InlineData(Url + "/", Key, Signature)]
    [InlineData("http://webhook.site/679a4f3a-dcfa-49ee-bac5-9d0edad886b9", Key, Signature)]
    [InlineData(Url + "?", Key, Signature)]
    [InlineData(Url, "MCmhFRxGX82xMwg5FsaoQA", Signature)]
    [InlineData(Url, "", Signature)]
    [InlineData("", Key, Signature)]
    [InlineData(null, Key, Signature)]
    [InlineData(Url, Key, "GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N5=")]
    [InlineData(Url, Key, "gf4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4=")]
    public void Another_url_key_or_signature_is_forged(string? url, string key, string signature) =>
        Assert.Equal(WebhookVerdict.Forged, Verify(Encoding.UTF8.GetBytes(Body), signature, url, key));

    [Theory]
    [InlineData("")]
    [InlineData("1z2n3DEJJiUPKcPzQo1ftvbxGdw=")]                                  // SHA-1, as the old header has it
    [InlineData("GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4")]
    [InlineData("GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4= ")]
    [InlineData("t=1700000000,v1=c561c5814cba8a0cd366ee43292d205cf59c9635ad120894be1ef80c0af72b76")]   // Stripe's scheme
    [InlineData("185e1892b2601810d9f4d2186cd5c19cccea6f61e82f8456fd2eaf919f7fd8de")]                   // hex
    public void What_is_not_of_the_scheme_is_no_signature(string signature) =>
        Assert.Equal(WebhookVerdict.Missing, Verify(Encoding.UTF8.GetBytes(Body), signature, Url, Key));

    [Fact]
    public void A_body_that_was_parsed_and_written_again_is_forged()
    {
        var pretty = System.Text.Json.Nodes.JsonNode.Parse(Body)!.ToJsonString(new() { WriteIndented = true });
        Assert.Equal(WebhookVerdict.Forged, Verify(Encoding.UTF8.GetBytes(pretty), Signature, Url, Key));
    }

    [Fact]
    public void Without_a_key_nothing_is_authentic() =>
        Assert.Equal(WebhookVerdict.Forged, Webhooks.Verify(Encoding.UTF8.GetBytes(Body), [Signature], [], Then));

    [Fact]
    public void Of_several_subscriptions_on_one_url_any_key_will_do() =>
        Gen.Select(AnyBody, AnyUrl, AnyKey, AnyKey).Sample((body, url, key, other) =>
        {
            WebhookSecret[] secrets = [Secret(other, url), Secret(key, url), Secret(other, url)];
            Assert.Equal(WebhookVerdict.Authentic, Webhooks.Verify(body, [Sign(body, url, key)], secrets, Then));
        });

    [Fact]
    public void Any_one_byte_change_of_the_body_is_refused() =>
        Gen.Select(AnyBody.Where(b => b.Length > 0), AnyKey, Gen.Int[0, int.MaxValue], Gen.Byte[1, 255]).Sample((body, key, position, change) =>
        {
            var signature = Sign(body, Url, key);
            var changed = body.ToArray();
            changed[position % body.Length] ^= change;
            Assert.Equal(WebhookVerdict.Forged, Verify(changed, signature, Url, key));
            Assert.Equal(WebhookVerdict.Forged, Verify(body[1..], signature, Url, key));
            Assert.Equal(WebhookVerdict.Forged, Verify([.. body, change], signature, Url, key));
        });

    [Fact]
    public void Any_change_of_the_signature_or_the_url_is_refused() =>
        Gen.Select(AnyBody, AnyUrl, AnyKey, Gen.Int[0, 1000], Gen.Char['!', '~']).Sample((body, url, key, position, letter) =>
        {
            var signature = Sign(body, url, key);
            if (Replaced(signature, position, letter) is var forged && forged != signature)
                Assert.NotEqual(WebhookVerdict.Authentic, Verify(body, forged, url, key));
            if (Replaced(url, position, letter) is var elsewhere && elsewhere != url)
                Assert.Equal(WebhookVerdict.Forged, Verify(body, signature, elsewhere, key));
        });

    [Fact]
    public void Another_key_is_refused() =>
        Gen.Select(AnyBody, AnyKey, AnyKey).Sample((body, key, other) =>
        {
            if (key != other) Assert.Equal(WebhookVerdict.Forged, Verify(body, Sign(body, Url, key), Url, other));
        });

    [Theory]
    [InlineData(7, WebhookVerdict.Authentic)]
    [InlineData(8, WebhookVerdict.Expired)]
    public void An_event_older_than_any_delivery_is_refused_by_its_own_signed_time(int days, WebhookVerdict verdict) =>
        Assert.Equal(verdict, Webhooks.Verify(Encoding.UTF8.GetBytes(Body), [Signature], [Secret(Key, Url)], new DateTimeOffset(2022, 7, 13, 20, 30, 59, TimeSpan.Zero).AddDays(days)));

    private static WebhookVerdict Verify(byte[] body, string signature, string? url, string key) =>
        Webhooks.Verify(body, [signature], [Secret(key, url)], Then);

    private static WebhookSecret Secret(string key, string? url) => WebhookSecret.FromText(key) with { Url = url };

    private static string Sign(byte[] body, string url, string key)
    {
        byte[] message = [.. Encoding.UTF8.GetBytes(url), .. body];
        return Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), message));
    }

    private static string Replaced(string text, int position, char letter)
    {
        var letters = text.ToCharArray();
        letters[position % letters.Length] = letter;
        return new(letters);
    }
}
