using System.Net;
using System.Text.Json.Nodes;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.Webhooks;

public sealed class ReplayTests(SharedCluster shared) : ProductTest(shared)
{
    [Fact]
    public async Task One_event_is_taken_again()
    {
        var (user, id, events) = await TakenAsync();
        var first = events[0];
        await Product.ExecuteAsync("delete from payouts where integration_id = $1", Cancel, Guid.Parse(id));

        var answer = await user.PostAsync($"/{id}/webhook-events/{first["event_id"]}/replay", cancel: Cancel);

        Assert.Equal((HttpStatusCode.Accepted, "1"), (answer.Status, answer["replayed"]));
        await ProcessedAsync((string)first["provider_event_id"]!);
        await Eventually.HoldsAsync("the row is back", () => RowsAsync(id), rows => rows == 1, cancel: Cancel);
        Assert.Equal((await EventAsync(user, id, first))["payload"]!["data"]!["object"]!["id"]!.ToString(),
            (string)(await user.ListAsync($"/{id}/payouts", cancel: Cancel)).Single()["id"]!);
    }

    [Fact]
    public async Task Events_are_taken_again_by_type_status_and_time()
    {
        var (user, id, events) = await TakenAsync();
        var times = events.Select(one => (DateTimeOffset)one["received_at"]!).Order().ToList();

        Assert.Equal(3, await ReplayAsync(new { event_type = "payout.paid" }));
        Assert.Equal(0, await ReplayAsync(new { event_type = "payout.failed" }));
        Assert.Equal(0, await ReplayAsync(new { status = "dead" }));
        Assert.Equal(3, await ReplayAsync(new { from = times[0], to = times[^1].AddSeconds(1) }));
        Assert.Equal(0, await ReplayAsync(new { to = times[0] }));
        Assert.Equal(2, await ReplayAsync(new { limit = 2 }));
        Assert.Equal(3, await RowsAsync(id) - await BooksRowsAsync(id));
        var log = await NewUser(admin: true).ListAsync($"/audit-log?integration={id}&action=webhook_events_replayed", cancel: Cancel);
        Assert.Equal(("2", "2"), ((string?)log[0]["details"]!["replayed"], (string?)log[1]["details"]!["limit"]));
        Assert.Equal("payout.paid", (string?)log[^1]["details"]!["event_type"]);

        async Task<long> ReplayAsync(object filter)
        {
            await ProcessedAsync([.. events.Select(one => (string)one["provider_event_id"]!)]);
            return long.Parse((await user.PostAsync($"/{id}/webhook-events/replay", filter, Cancel)).MustBeOk("replay")["replayed"],
                System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    [Fact]
    public async Task A_dead_event_is_seen_and_can_be_taken_again()
    {
        var (user, id, events) = await TakenAsync();
        var dead = events[1];
        await Product.ExecuteAsync("""
            with killed as (update webhook_deliveries set status = 'dead', last_error = 'planted' where event_id = $1)
            update webhook_events set processed = false, processed_at = null, open_deliveries = 1 where id = $1
            """, Cancel, (long)dead["event_id"]!);
        var seen = Assert.Single(await user.ListAsync($"/{id}/webhook-events?status=dead", cancel: Cancel));
        Assert.Equal("planted", (string?)seen["last_error"]);

        Assert.Equal("1", (await user.PostAsync($"/{id}/webhook-events/replay", new { status = "dead" }, Cancel)).MustBeOk("replay")["replayed"]);
        await ProcessedAsync((string)dead["provider_event_id"]!);
    }

    [Fact]
    public async Task Another_users_events_cannot_be_taken_again()
    {
        var (_, id, events) = await TakenAsync();
        var mallory = NewUser("mallory");
        var own = await mallory.CreateStripeAsync(cancel: Cancel);
        foreach (var path in new[] { $"/{id}/webhook-events/{events[0]["event_id"]}/replay", $"/{own}/webhook-events/{events[0]["event_id"]}/replay" })
            Assert.Equal(HttpStatusCode.NotFound, (await mallory.PostAsync(path, cancel: Cancel)).Status);
    }

    /// <summary>An integration whose account's three made-up payouts were told of and processed.</summary>
    private async Task<(ApiUser User, string Id, List<JsonNode> Events)> TakenAsync()
    {
        var account = await Sandbox.NewAccountAsync(50, Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        var sent = await Sandbox.SendWebhooksAsync(
            new { url = Product.StripeWebhooks, secret = Product.StripeWebhookSecret, account, type = "payout.paid", count = 3, synthesise = true }, Cancel);
        await ProcessedAsync([.. sent.AcceptedEventIds]);
        return (user, id, await user.ListAsync($"/{id}/webhook-events", cancel: Cancel));
    }

    private static async Task<JsonNode> EventAsync(ApiUser user, string id, JsonNode one) =>
        (await user.GetAsync($"/{id}/webhook-events/{one["event_id"]}", Cancel)).MustBeOk("event").Json!;

    private Task<long> RowsAsync(string id) => Product.ScalarAsync<long>("select count(*) from payouts where integration_id = $1", Cancel, Guid.Parse(id));

    /// <summary>Those that a sync brought.</summary>
    private Task<long> BooksRowsAsync(string id) => Product.ScalarAsync<long>(
        "select seen from sync_cursors where integration_id = $1 and stream = 'payouts'", Cancel, Guid.Parse(id));
}
