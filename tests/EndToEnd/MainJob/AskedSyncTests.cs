using System.Text.Json;
using System.Text.Json.Nodes;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.MainJob;

/// <summary>Events that carry no object: they ask for the streams that have news.</summary>
public sealed class AskedSyncTests(SharedCluster shared) : ProductTest(shared)
{
    [Fact]
    public async Task An_event_without_its_object_has_its_stream_read_and_no_other()
    {
        var account = await Sandbox.NewAccountAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        var before = (await user.GetAsync($"/{id}/status", Cancel)).Json!;
        var (paid, _) = await Sandbox.AdvanceAsync(account, "payout_paid", cancel: Cancel);
        var since = await Sandbox.LastSequenceAsync(Cancel);

        var told = await TellAsync(account, "payout");
        await ProcessedAsync(told);

        await Eventually.HoldsAsync("a run that a webhook asked for has ended", () => AskedRunsAsync(user, id), runs => runs.Count == 1, cancel: Cancel);
        var run = Assert.Single(await AskedRunsAsync(user, id));
        Assert.Equal("succeeded", (string?)run["status"]);
        Assert.Equal(["payouts"], run["streams"]!.AsArray().Select(stream => (string?)stream!["stream"]));
        Assert.All(await Sandbox.RequestsAsync(account, since, Cancel), call => Assert.Equal("/v1/events", call.Path));
        Assert.Contains(await user.ListAsync($"/{id}/payouts", cancel: Cancel), row => (string?)row["id"] == paid[0] && (string?)row["status"] == "paid");

        var after = (await user.GetAsync($"/{id}/status", Cancel)).Json!;
        Assert.Equal(((string?)before["next_sync_at"], (string?)before["last_sync_at"]), ((string?)after["next_sync_at"], (string?)after["last_sync_at"]));
    }

    [Fact]
    public async Task Many_events_that_ask_for_the_same_streams_share_few_runs()
    {
        var account = await Sandbox.NewAccountAsync(50, Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);

        var told = await Task.WhenAll(Enumerable.Range(0, 60).Select(one => TellAsync(account, one % 2 == 0 ? "dispute" : "balance")));
        await ProcessedAsync(told);

        await Eventually.HoldsAsync("no run is open", () => user.GetAsync($"/{id}/status", Cancel), seen => seen.Json!["current_run"] is null, cancel: Cancel);
        Assert.InRange((await AskedRunsAsync(user, id)).Count, 1, 30);
    }

    [Fact]
    public async Task A_sync_that_a_person_asks_for_while_some_streams_are_being_read_reads_all()
    {
        var account = await Sandbox.NewAccountAsync(50, Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        await Sandbox.AdvanceAsync(account, "charge", 3, cancel: Cancel);

        await using (await Sandbox.FaultAsync(new { kind = "latency", milliseconds = 2_000, path = "/v1/balance", times = 1 }, Cancel))
        {
            await TellAsync(account, "balance");
            await Eventually.HoldsAsync("the balance is being read", () => user.GetAsync($"/{id}/status", Cancel),
                seen => (string?)seen.Json!["current_run"]?["trigger"] == "webhook", cancel: Cancel);
            var refused = await user.PostAsync($"/{id}/sync?force=true&full=true", cancel: Cancel);
            Assert.Equal((System.Net.HttpStatusCode.Conflict, "sync_running"), (refused.Status, refused.Code));
            var run = await user.SyncAsync(id, cancel: Cancel);

            Assert.Equal(("webhook", "succeeded"), ((string?)run["trigger"], (string?)run["status"]));
            Assert.Equal(8, run["streams"]!.AsArray().Count);
        }
        await AgreesWithBooksAsync(user, id, account);
    }

    /// <summary>Sends a v2 event, which says whose it is and what changed, and no more (stripe.md §7).</summary>
    /// <returns>The event's id.</returns>
    private async Task<string> TellAsync(string account, string changed)
    {
        var id = $"evt_v2_{Guid.CreateVersion7():N}";
        var related = new { id = "x_1", type = changed };
        var body = JsonSerializer.Serialize(new
        {
            id,
            @object = "v2.core.event",
            type = $"v2.core.{changed}.updated",
            created = TimeProvider.System.GetUtcNow(),
            context = account,
            related_object = related,
        });
        var answer = await Keep(Product.Nobody()).SendAsync(
            HttpMethod.Post, "/webhooks/stripe", body, Cancel, ("Stripe-Signature", StripeSignature.Of(body, Product.StripeWebhookSecret)));
        answer.MustBeOk("webhook");
        return id;
    }

    /// <summary>The ended runs that webhooks asked for.</summary>
    private static async Task<List<JsonNode>> AskedRunsAsync(ApiUser user, string id) =>
        [.. (await user.ListAsync($"/{id}/syncs", cancel: Cancel)).Where(run => (string?)run["trigger"] == "webhook" && run["ended_at"] is not null)];
}
