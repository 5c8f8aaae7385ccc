using System.Text.Json.Nodes;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.Providers;

/// <summary>Payouts to others, which PayPal lists nowhere: followed from the order to their end.</summary>
public sealed class PayPalPayoutTests(SharedCluster shared) : ProductTest(shared)
{
    [Fact]
    public async Task Payouts_are_followed_until_they_have_arrived_come_back_or_were_called_back()
    {
        var account = await Sandbox.NewPayPalAccountAsync(20, Cancel);
        await Sandbox.AdvancePayPalAsync(account, "sale", 20, Cancel);
        var user = NewUser(writer: true);
        var id = await user.PayPalConnectedAsync(account, Cancel);
        var (arrives, returns, called) = (
            await OrderedAsync(user, id, "pending-1@example.com"), await OrderedAsync(user, id, "pending-2@example.com"), await OrderedAsync(user, id, "unclaimed@example.com"));
        foreach (var payout in new[] { arrives, returns, called })
        {
            var seen = await BecomesAsync(user, id, payout, "in_transit");
            Assert.Equal(("1.25", "GBP"), ((string?)seen["amount"], (string?)seen["currency"]));
        }

        await Sandbox.AdvancePayPalPayoutAsync(account, arrives, "SUCCESS", Cancel);
        await Sandbox.AdvancePayPalPayoutAsync(account, returns, "UNCLAIMED", Cancel);
        await SyncedAsync(user, id);
        Assert.Equal(["in_transit", "in_transit", "paid"], await StatusesAsync(user, id, called, returns, arrives));

        await Sandbox.AdvancePayPalPayoutAsync(account, returns, "RETURNED", Cancel);
        await SyncedAsync(user, id);
        Assert.Equal("RECEIVER_UNREGISTERED", (string?)(await BecomesAsync(user, id, returns, "failed"))["failure_code"]);
        var item = Assert.Single(await user.AttentionAsync(id, cancel: Cancel));
        Assert.Equal("payout_failed", (string?)item["kind"]);
        Assert.Contains(returns, (string)item["what_happened"]!, StringComparison.Ordinal);

        Assert.Equal("canceled", (string?)(await user.OrderAsync(id, $"payouts/{called}/cancel", cancel: Cancel)).MustBeOk("cancel").Json!["provider_status"]);
        await BecomesAsync(user, id, called, "canceled");
        (await user.PostAsync($"/attention/{item["id"]}/resolve", new { choice = "handled" }, Cancel)).MustBeOk("resolve");
        await SyncedAsync(user, id);
        Assert.Empty(await user.AttentionAsync(id, cancel: Cancel));
    }

    /// <summary>Its events name no merchant, so that they come to the integration's own endpoint.</summary>
    [Fact]
    public async Task An_event_has_a_payout_read_that_came_back_long_after_it_had_arrived()
    {
        var account = await Sandbox.NewPayPalAccountAsync(20, Cancel);
        await Sandbox.AdvancePayPalAsync(account, "sale", 20, Cancel);
        var user = NewUser(writer: true);
        var id = await user.PayPalConnectedAsync(account, Cancel);
        var payout = await OrderedAsync(user, id, "jane@example.com");
        await BecomesAsync(user, id, payout, "paid");
        var told = await Sandbox.AdvancePayPalPayoutAsync(account, payout, "REFUNDED", Cancel);
        await SyncedAsync(user, id);
        Assert.Equal(["paid"], await StatusesAsync(user, id, payout));   // the schedule has time

        var endpoint = (await user.PostAsync($"/{id}/webhook-endpoints", new { secret = Product.PayPalWebhookId }, Cancel)).MustBeOk("endpoint").Json!;
        await Sandbox.SendPayPalWebhookAsync($"{Product.PayPalWebhooks}/{endpoint["id"]}", Product.PayPalWebhookId, account, told[^1], cancel: Cancel);
        Assert.Equal("REFUNDED", (string?)(await BecomesAsync(user, id, payout, "failed"))["failure_code"]);
        await Eventually.HoldsAsync("somebody is told", () => user.AttentionAsync(id, cancel: Cancel), items => items is [var one] && (string?)one["kind"] == "payout_failed", cancel: Cancel);
    }

    private static async Task<string> OrderedAsync(ApiUser user, string id, string receiver)
    {
        var made = (await user.OrderAsync(id, "payouts", new { amount = "1.25", currency = "GBP", destination_id = receiver }, cancel: Cancel)).MustBeOk(receiver).Json!;
        Assert.True((string?)made["status"] == "succeeded", made.ToJsonString());
        return (string)made["external_id"]!;
    }

    private static Task<JsonNode> BecomesAsync(ApiUser user, string id, string payout, string status) =>
        Eventually.HoldsAsync($"{payout} is {status}", async () => (await user.GetAsync($"/{id}/payouts/{payout}", Cancel)).Json!,
            seen => seen["status"]!.ToString() == status, TimeSpan.FromMinutes(1), Cancel);   // not there yet, it is a problem, whose status is 404

    private static async Task<IEnumerable<string?>> StatusesAsync(ApiUser user, string id, params string[] payouts)
    {
        var rows = await user.ListAsync($"/{id}/payouts", cancel: Cancel);
        return payouts.Select(payout => (string?)rows.Single(row => (string?)row["id"] == payout)["status"]);
    }

    /// <summary>What an order has asked for is read first: a whole run is one that has begun now.</summary>
    private static async Task SyncedAsync(ApiUser user, string id)
    {
        await Eventually.HoldsAsync("no run is open", async () => (await user.GetAsync($"/{id}/status", Cancel)).Json!["current_run"], run => run is null, cancel: Cancel);
        Assert.Equal("succeeded", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
    }
}
