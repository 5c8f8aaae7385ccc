using System.Diagnostics;
using System.Globalization;
using System.Text;
using FinanceIntegrations.Domain.Webhooks;
using FinanceIntegrations.Providers.Stripe;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Stripe;

/// <summary>What the hot paths cost, on one core. Run by hand, in Release: <c>dotnet run -c Release -- -explicit only</c>.</summary>
public sealed class StripeSpeed(ITestOutputHelper output)
{
    [Fact(Explicit = true)]
    public void A_page_of_a_hundred_transactions_is_mapped_in_less_than_700_microseconds()
    {
        var row = Encoding.UTF8.GetString(Sample.Bytes("balance_transaction"));
        byte[] page = Encoding.UTF8.GetBytes($$"""{"object":"list","url":"/v1/balance_transactions","has_more":true,"data":[{{string.Join(',', Enumerable.Repeat(row, 100))}}]}""");
        var micros = Micros(3000, () =>
        {
            foreach (var raw in StripeList.Read(page)!.Rows) Assert.NotNull(StripeMapping.Row(StripeObject.BalanceTransaction, raw, default).Record);
        });
        Say($"page of 100 ({page.Length} bytes)", micros);
        Assert.True(micros < 700);
    }

    [Fact(Explicit = true)]
    public void An_event_of_900_bytes_is_verified_and_read_in_less_than_20_microseconds()
    {
        var webhooks = new StripeWebhooks();
        var body = Encoding.UTF8.GetBytes(StripeBench.Event("evt_1", "payout.paid", 1_700_000_000, Sample.Text("payout")));
        WebhookSecret[] secrets = [WebhookSecret.FromText("whsec_test_secret_of_usual_length_0123")];
        string[] headers = ["t=1700000000,v1=c561c5814cba8a0cd366ee43292d205cf59c9635ad120894be1ef80c0af72b76"];
        var now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        var verify = Micros(100_000, () => webhooks.Verify(body, headers, secrets, now));
        var envelope = Micros(100_000, () => webhooks.ReadEnvelope(body));
        var interpret = Micros(100_000, () => webhooks.Interpret("payout.paid", body));
        Say($"verify ({body.Length} bytes)", verify);
        Say("envelope", envelope);
        Say("interpret", interpret);
        Assert.True(verify + envelope + interpret < 20);
    }

    private static double Micros(int times, Action action)
    {
        for (var warm = 0; warm < times / 5; warm++) action();
        var started = Stopwatch.GetTimestamp();
        for (var run = 0; run < times; run++) action();
        return Stopwatch.GetElapsedTime(started).TotalMicroseconds / times;
    }

    private void Say(string what, double micros) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {micros:F2} µs"));
}
