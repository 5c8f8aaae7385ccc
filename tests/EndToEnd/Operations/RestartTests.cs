using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.Operations;

public sealed class RestartTests
{
    private static readonly TimeSpan ScheduleLimit = TimeSpan.FromMinutes(3);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_survives_a_restart_and_the_schedule_goes_on_by_itself()
    {
        await using var product = await ProductCluster.StartAsync(new() { Environment = ProductSettings.Quick, Silos = 2 }, Cancel);
        using var user = product.User("alice");
        var (account, scheduledAccount) = (await product.Sandbox.NewAccountAsync(cancel: Cancel), await product.Sandbox.NewAccountAsync(cancel: Cancel));
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        var scheduled = await user.ConnectedAsync(scheduledAccount, frequency: 1, Cancel);

        var pending = await PendingEventsAsync(product, account);
        foreach (var name in product.Processes.Names.Reverse().Where(product.Processes.Processes.ContainsKey)) await product.Processes.StopAsync(name);
        foreach (var name in product.Processes.Names) await product.Processes.StartAsync(name, Cancel);

        // Nobody asks the api, so no grain is woken by a caller.
        await Eventually.HoldsAsync($"{pending.Count} events that waited are processed", () => ProcessedAsync(product, pending),
            processed => processed == pending.Count, TimeSpan.FromSeconds(60), Cancel);
        await Eventually.HoldsAsync("a scheduled run succeeds after the restart", () => product.ScalarAsync<long>(
            "select count(*) from sync_runs where integration_id = $1 and trigger = 'schedule' and status = 'succeeded'", Cancel, Guid.Parse(scheduled)),
            runs => runs > 0, ScheduleLimit, Cancel);
        Assert.NotEmpty(await product.Sandbox.RequestsAsync(scheduledAccount, cancel: Cancel));

        await product.Sandbox.AdvanceAsync(account, "charge", 3, cancel: Cancel);
        var since = await product.Sandbox.LastSequenceAsync(Cancel);
        Assert.Equal("succeeded", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
        Assert.All(await product.Sandbox.RequestsAsync(account, since, Cancel), call =>
            Assert.DoesNotContain(call.Path, new[] { "/v1/charges", "/v1/refunds", "/v1/payouts", "/v1/disputes" }));
        var books = await product.Sandbox.BooksAsync(account, Cancel);
        foreach (var kind in StripeBooks.Kinds.Except(["payouts"]))
            Assert.Equal(books.Lines(kind), StripeBooks.Seen(kind, await user.ListAsync($"/{id}/{kind}", cancel: Cancel)));
    }

    /// <summary>Events that the api accepted while no silo ran.</summary>
    private static async Task<IReadOnlyList<string>> PendingEventsAsync(ProductCluster product, string account)
    {
        await product.Processes.StopAsync(ResourceNames.Silo);
        await product.Processes.StopAsync(ResourceNames.Silo + "-2");
        var sent = await product.Sandbox.SendWebhooksAsync(new
        {
            url = product.StripeWebhooks,
            secret = product.StripeWebhookSecret,
            account,
            type = "payout.paid",
            count = 40,
            synthesise = true,
            concurrency = 8,
        }, Cancel);
        Assert.Equal(40, sent.AcceptedEventIds.Count);
        Assert.Equal(0, await ProcessedAsync(product, sent.AcceptedEventIds));
        return sent.AcceptedEventIds;
    }

    private static Task<long> ProcessedAsync(ProductCluster product, IReadOnlyList<string> events) => product.ScalarAsync<long>(
        "select count(*) from webhook_events where processed and provider_event_id = any ($1)", Cancel, (object)events.ToArray());
}
