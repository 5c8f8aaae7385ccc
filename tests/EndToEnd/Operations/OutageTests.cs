using System.Net;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.Operations;

/// <summary>What the product stands on goes away and comes back; nobody touches the product.</summary>
public sealed class OutageTests
{
    private const string Postgres = "postgres";
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PostgreSQL_and_Redis_may_go_away_and_come_back()
    {
        await using var product = await ProductCluster.StartAsync(new() { Environment = ProductSettings.Quick }, Cancel);
        using var user = product.User("alice");
        var account = await product.Sandbox.NewAccountAsync(cancel: Cancel);
        var id = await user.ConnectedAsync(account, cancel: Cancel);

        await WithoutRedisAsync(product, user, id);
        await WithPostgresRestartedAsync(product, account);
        await WithoutPostgresAsync(product, user, id, account);

        var books = await product.Sandbox.BooksAsync(account, Cancel);
        foreach (var kind in StripeBooks.Kinds.Except(["payouts"]))
            Assert.Equal(books.Lines(kind), StripeBooks.Seen(kind, await user.ListAsync($"/{id}/{kind}", cancel: Cancel)));
    }

    private static async Task WithoutRedisAsync(ProductCluster product, ApiUser user, string id)
    {
        await product.Processes.StopAsync(ResourceNames.Redis);
        for (var time = 0; time < 5; time++) Assert.Equal(HttpStatusCode.OK, (await user.GetAsync("/", Cancel)).Status);
        Assert.Equal("succeeded", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
        var live = (await user.GetAsync($"/{id}/balances?live=true", Cancel)).MustBeOk("live balances").Json!;
        Assert.False((bool)live["stale"]!);
        await product.Processes.StartAsync(ResourceNames.Redis, Cancel);
        Assert.Equal(HttpStatusCode.OK, (await user.GetAsync("/", Cancel)).Status);
    }

    /// <summary>The api's pooled connections lead to a server that is no more; no sender needs to know.</summary>
    private static async Task WithPostgresRestartedAsync(ProductCluster product, string account)
    {
        Assert.Equal(["200"], (await SendAsync(product, account)).Statuses.Keys);
        await product.Processes.StopAsync(Postgres);
        await product.Processes.StartAsync(Postgres, Cancel);
        Assert.Equal(["200"], (await SendAsync(product, account)).Statuses.Keys);
    }

    private static async Task WithoutPostgresAsync(ProductCluster product, ApiUser user, string id, string account)
    {
        await product.Processes.StopAsync(Postgres);
        await Eventually.HoldsAsync("reading is refused with 503 and its code", async () => await user.GetAsync("/", Cancel), IsUnavailable, Recovery, Cancel);
        await Eventually.HoldsAsync("creating is refused with 503 and its code", async () => await user.PostAsync("/", ApiUser.StripeIntegration("x"), Cancel),
            IsUnavailable, Recovery, Cancel);
        await Eventually.HoldsAsync("syncing is refused with 503 and its code", async () => await user.PostAsync($"/{id}/sync?force=true", cancel: Cancel),
            IsUnavailable, Recovery, Cancel);
        var refused = await SendAsync(product, account);
        Assert.Equal(["503"], refused.Statuses.Keys);
        await Eventually.HoldsAsync("an endpoint that is not remembered any more is looked up in vain, and the log says so", async () =>
        {
            Assert.Equal(["503"], (await SendAsync(product, account)).Statuses.Keys);
            return await ApiLogAsync(product);
        }, log => log.Contains("A webhook endpoint could not be looked up", StringComparison.Ordinal), Recovery, Cancel);

        await product.Processes.StartAsync(Postgres, Cancel);
        await Eventually.HoldsAsync("reading works again", async () => await user.GetAsync("/", Cancel), answer => answer.Ok, Recovery, Cancel);
        var accepted = await Eventually.HoldsAsync("webhooks are accepted again", () => SendAsync(product, account),
            sent => sent.Statuses.ContainsKey("200"), Recovery, Cancel);
        await Eventually.HoldsAsync("what was accepted is processed", () => product.ScalarAsync<long>(
            "select count(*) from webhook_events where processed and provider_event_id = any ($1)", Cancel, (object)accepted.AcceptedEventIds.ToArray()),
            processed => processed == accepted.AcceptedEventIds.Count, Recovery, Cancel);
        await product.Sandbox.AdvanceAsync(account, "charge", 3, cancel: Cancel);
        var run = await Eventually.HoldsAsync("a sync succeeds", () => user.SyncAsync(id, cancel: Cancel),
            ended => (string?)ended["status"] == "succeeded", Recovery, Cancel);
        Assert.NotNull(run["ended_at"]);
    }

    private static async Task<string> ApiLogAsync(ProductCluster product)
    {
        await using var log = new FileStream(Path.Combine(product.Processes.LogFolder, $"{ResourceNames.Api}.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(log);
        return await reader.ReadToEndAsync(Cancel);
    }

    private static bool IsUnavailable(ApiAnswer answer) =>
        answer is { Status: HttpStatusCode.ServiceUnavailable, Code: "database_unavailable" } && answer.Headers.RetryAfter is not null;

    private static Task<WebhookOutcome> SendAsync(ProductCluster product, string account) => product.Sandbox.SendWebhooksAsync(
        new { url = product.StripeWebhooks, secret = product.StripeWebhookSecret, account, type = "payout.paid", synthesise = true }, Cancel);
}
