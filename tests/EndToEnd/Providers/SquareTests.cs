using System.Net;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.Providers;

/// <summary>A seller's whole way with Square: connect, test, sync, webhook, refresh, leave, come back.</summary>
public sealed class SquareTests(SharedCluster shared) : ProductTest(shared)
{
    [Theory]
    [InlineData("GBP")]
    [InlineData("JPY")]
    public async Task Connecting_brings_every_row_of_every_location_once_and_to_the_penny(string currency)
    {
        var seller = await Sandbox.NewSellerAsync(600, currency, Cancel);
        var user = NewUser();
        var id = await user.ConnectedToSquareAsync(seller, Cancel);

        await BooksAgreeAsync(user, id, seller);
        Assert.Equal(3, (await user.ListAsync($"/{id}/accounts", cancel: Cancel)).Count);
        var status = (await user.GetAsync($"/{id}/status", Cancel)).MustBeOk("status").Json!;
        Assert.Equal(("active", "valid", seller), ((string?)status["status"], (string?)status["token"]!["state"], (string?)status["external_account_id"]));
        var test = (await user.PostAsync($"/{id}/test", cancel: Cancel)).MustBeOk("test").Json!;
        Assert.True((bool)test["success"]!, test.ToJsonString());
    }

    [Fact]
    public async Task A_second_sync_takes_what_changed_and_a_third_writes_nothing()
    {
        var seller = await Sandbox.NewSellerAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedToSquareAsync(seller, Cancel);
        foreach (var kind in new[] { "payment", "refund", "payout", "payout_paid", "payout_failed", "dispute" })
            await Sandbox.AdvanceSellerAsync(seller, kind, 2, Cancel);

        Assert.Equal("succeeded", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
        await BooksAgreeAsync(user, id, seller);
        var paid = (await user.ListAsync($"/{id}/payouts?status=paid", cancel: Cancel)).Take(8).ToList();
        Assert.NotEmpty(paid);
        foreach (var payout in paid)   // the entries are Square's transactions, and nothing else
        {
            var sum = (await user.GetAsync($"/{id}/payouts/{payout["id"]}", Cancel)).MustBeOk("payout").Json!["entries"]!;
            Assert.Equal((true, (string?)payout["amount"]), ((bool)sum["adds_up"]!, (string?)sum["net"]));
            var entries = await user.ListAsync($"/{id}/payouts/{payout["id"]}/entries", limit: 3, cancel: Cancel);
            Assert.Equal((int)sum["count"]!, entries.Select(entry => (string?)entry["transaction_id"]).Distinct().Count());
        }

        var third = await user.SyncAsync(id, cancel: Cancel);
        Assert.Equal(("succeeded", 0), ((string?)third["status"], (long)third["synced_records"]!));
        var full = await user.SyncAsync(id, full: true, cancel: Cancel);
        Assert.Equal(("succeeded", 0), ((string?)full["status"], (long)full["synced_records"]!));
    }

    [Fact]
    public async Task Payouts_whose_entries_disagree_are_laid_before_a_person_until_they_add_up()
    {
        var seller = await Sandbox.NewSellerAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedToSquareAsync(seller, Cancel);
        await using (await Sandbox.FaultAsync(new { provider = "square", kind = "amounts", path = "/v2/payouts/", times = -1 }, Cancel))
        {
            var run = await user.SyncAsync(id, full: true, cancel: Cancel);
            Assert.Equal(["entries_disagree transactions"], run["reasons"]!.AsArray().Select(one => $"{one!["code"]} {one["stream"]}"));
        }
        Assert.InRange((await user.ListAsync($"/attention?kind=payout_mismatch&integration={id}", cancel: Cancel)).Count, 1, 20);

        // Of when an answer is, is known to the second, less the time that it took: a slow one right behind may count as older than the one that was wrong.
        await Eventually.HoldsAsync("a run that finds it right has settled it", async () =>
        {
            await user.SyncAsync(id, full: true, cancel: Cancel);
            return (await user.ListAsync($"/attention?kind=payout_mismatch&integration={id}", cancel: Cancel)).Count;
        }, open => open == 0, cancel: Cancel);
        await BooksAgreeAsync(user, id, seller);
    }

    [Fact]
    public async Task Events_of_the_apps_endpoint_change_what_we_hold_once_whatever_their_order()
    {
        var seller = await Sandbox.NewSellerAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedToSquareAsync(seller, Cancel);
        List<string> told = [];
        foreach (var kind in new[] { "payment", "refund", "payout", "payout_paid", "dispute", "dispute_closed" })
            told.AddRange((await Sandbox.AdvanceSellerAsync(seller, kind, cancel: Cancel)).EventIds);
        told.Reverse();

        foreach (var happened in told)
            Assert.Equal("200", await SendAsync(seller, happened, duplicate: 2));
        await ProcessedAsync([.. told]);

        await BooksAgreeAsync(user, id, seller, "payments", "payouts", "disputes");
        Assert.Equal(told.Count, await Product.ScalarAsync<long>("select count(*) from webhook_events where provider = 'square' and account = $1", Cancel, seller));
    }

    [Fact]
    public async Task An_event_that_is_signed_for_another_address_or_by_another_key_is_refused_and_a_test_does_nothing()
    {
        var seller = await Sandbox.NewSellerAsync(cancel: Cancel);
        Assert.Equal("400", await SendAsync(seller, notificationUrl: Product.SquareWebhooks + "/"));
        Assert.Equal("400", await SendAsync(seller, notificationUrl: Product.StripeWebhooks));
        Assert.Equal("400", await SendAsync(seller, secret: Product.StripeWebhookSecret));
        var test = $$$"""{"merchant_id":"{{{seller}}}","type":"webhooks.test_notification","event_id":"{{{Guid.CreateVersion7()}}}","created_at":"{{{TimeProvider.System.GetUtcNow():O}}}","data":{"type":"webhooks","id":"x"}}""";
        Assert.Equal("200", await SendAsync(seller, body: test));
        Assert.Equal("400", await SendAsync(seller, body: test.Replace("\"created_at\":\"20", "\"created_at\":\"19", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_integrations_own_endpoint_takes_what_is_signed_for_the_address_that_it_shows()
    {
        var seller = await Sandbox.NewSellerAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedToSquareAsync(seller, Cancel);
        var made = (await user.PostAsync($"/{id}/webhook-endpoints", new { secret = "square-signature-key-1" }, Cancel)).MustBeOk("create");
        var told = (await Sandbox.AdvanceSellerAsync(seller, "payout", cancel: Cancel)).EventIds[^1];

        Assert.Equal("400", await SendAsync(seller, told, secret: "square-signature-key-1", url: made["url"], notificationUrl: Product.SquareWebhooks));
        Assert.Equal("200", await SendAsync(seller, told, secret: "square-signature-key-1", url: made["url"]));
        await ProcessedAsync(told);
        await BooksAgreeAsync(user, id, seller, "payouts");
    }

    [Fact]
    public async Task A_refresh_keeps_the_refresh_token_and_the_sync_goes_on()
    {
        var seller = await Sandbox.NewSellerAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedToSquareAsync(seller, Cancel);
        var before = await Sandbox.RefreshesAsync("square", seller, Cancel);
        // Tokens so young are not refreshed on demand, and a test does not wait.
        await Eventually.HoldsAsync("the tokens are refreshed", async () =>
        {
            (await user.PostAsync($"/{id}/oauth/refresh", cancel: Cancel)).MustBeOk("refresh");
            return await Sandbox.RefreshesAsync("square", seller, Cancel);
        }, seen => seen.Count > before.Count, cancel: Cancel);

        var refresh = (await Sandbox.RefreshesAsync("square", seller, Cancel))[^1];
        Assert.Equal(("kept", refresh.Presented), (refresh.Outcome, refresh.Issued));
        await Sandbox.AdvanceSellerAsync(seller, "payment", 2, Cancel);
        Assert.Equal("succeeded", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
        await BooksAgreeAsync(user, id, seller);
    }

    [Fact]
    public async Task A_seller_who_leaves_expires_the_integration_and_connecting_again_keeps_id_and_data()
    {
        var seller = await Sandbox.NewSellerAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedToSquareAsync(seller, Cancel);

        var left = await Sandbox.RevokeSellerAsync(seller, Cancel);
        Assert.Equal("200", await SendAsync(seller, left));
        await ProcessedAsync(left);
        var expired = await user.GetAsync($"/{id}", Cancel);
        Assert.Equal(("expired", "consent_withdrawn"), (expired["status"], expired["status_reason"]));

        await Sandbox.AdvanceSellerAsync(seller, "payment", 3, Cancel);
        await user.ConnectAsync(id, seller, Cancel);
        await user.NewestRunAsync(id, "succeeded", Cancel);
        Assert.Equal("active", (await user.GetAsync($"/{id}", Cancel))["status"]);
        await BooksAgreeAsync(user, id, seller);
    }

    [Fact]
    public async Task Deleting_withdraws_the_consent_at_Square()
    {
        var seller = await Sandbox.NewSellerAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedToSquareAsync(seller, Cancel);
        var deleted = (await user.SendAsync(HttpMethod.Delete, $"/{id}", cancel: Cancel)).MustBeOk("delete").Json!;
        Assert.True((bool)deleted["revoked"]!);
        Assert.False((bool)(await Sandbox.SellerAsync(seller, Cancel))["connected"]!);
        Assert.Equal(HttpStatusCode.NotFound, (await user.GetAsync($"/{id}", Cancel)).Status);
    }

    private async Task<string> SendAsync(
        string seller, string? eventId = null, string? secret = null, string? url = null, string? notificationUrl = null, string? body = null, int duplicate = 1) =>
        Assert.Single((await Sandbox.SendSquareWebhooksAsync(new
        {
            url = url ?? Product.SquareWebhooks,
            secret = secret ?? Product.SquareWebhookSecret,
            notification_url = notificationUrl,
            account = seller,
            event_id = eventId,
            body,
            duplicate,
        }, Cancel)).Statuses.Keys);

    /// <summary>Holds the api's lists against the sandbox's books, row by row.</summary>
    private async Task BooksAgreeAsync(ApiUser user, string id, string seller, params string[] kinds)
    {
        var books = await Sandbox.SellerBooksAsync(seller, Cancel);
        foreach (var kind in kinds is [] ? SquareBooks.Kinds : kinds)
            Assert.Equal(books.Lines(kind), SquareBooks.Seen(kind, await user.ListAsync($"/{id}/{kind}", cancel: Cancel)));
    }
}
