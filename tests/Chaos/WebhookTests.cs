using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Chaos;

/// <summary>What got a 2xx has its effect once, whoever dies meanwhile.</summary>
[Collection<OneSilo>]
public sealed class WebhookTests(OneSilo shared) : ChaosTest(shared)
{
    private static readonly int Events = LongRun.Choose(usual: 1_200, full: 10_000);

    [Fact]
    public async Task The_api_killed_while_webhooks_arrive_loses_none_that_it_accepted()
    {
        var (id, account) = await ConnectedAsync();
        var sending = SendAsync(account);
        await StoredAsync(account, Moments.Next(Events / 10, Events / 4));
        await KillAndStartAsync(ResourceNames.Api);
        var outcome = await sending;

        Assert.True(outcome.Statuses.GetValueOrDefault("0") > 0, "the api died when all was sent");
        await EachOnceAsync(id, account, outcome);
    }

    [Fact]
    public async Task The_silo_killed_while_webhooks_are_processed_applies_each_once()
    {
        var (id, account) = await ConnectedAsync();
        var sending = SendAsync(account);
        await Eventually.HoldsAsync("some are processed", () => ProcessedAsync(account), processed => processed >= Events / 8, Recovery, Cancel);
        await KillAndStartAsync(ResourceNames.Silo);
        var outcome = await sending;

        Assert.Equal(Events, outcome.Statuses["200"]);
        await EachOnceAsync(id, account, outcome);
    }

    [Fact]
    public async Task PostgreSQL_killed_while_webhooks_arrive_loses_none_that_was_accepted()
    {
        var (id, account) = await ConnectedAsync();
        var sending = SendAsync(account);
        await StoredAsync(account, Moments.Next(Events / 10, Events / 4));
        await KillAndStartAsync(Postgres);
        var outcome = await sending;

        Assert.True(outcome.Statuses.GetValueOrDefault("503") > 0, "PostgreSQL died when all was sent");
        await EachOnceAsync(id, account, outcome);
    }

    private async Task<(string Id, string Account)> ConnectedAsync()
    {
        var account = await Sandbox.NewAccountAsync(50, Cancel);
        using var user = Product.User(OneSilo.Owner);
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        await Product.ExecuteAsync("delete from payouts where integration_id = $1", Cancel, Guid.Parse(id));   // those of the books: from here on a payout is an event's
        return (id, account);
    }

    /// <summary>Each event is about a payout of its own. Some hundreds a second, so that a process is down while some arrive.</summary>
    private Task<WebhookOutcome> SendAsync(string account) => Sandbox.SendWebhooksAsync(new
    {
        url = Product.StripeWebhooks,
        secret = Product.StripeWebhookSecret,
        account,
        type = "payout.paid",
        count = Events,
        synthesise = true,
        concurrency = LongRun.Choose(16, 32),
        delay_milliseconds = 60,
    }, Cancel);

    private Task<long> StoredAsync(string account, int events) => Eventually.HoldsAsync($"{events} events are stored",
        () => StoredAsync(account), stored => stored >= events, Recovery, Cancel);

    private Task<long> StoredAsync(string account) => Product.ScalarAsync<long>("select count(*) from webhook_events where account = $1", Cancel, account);

    private Task<long> ProcessedAsync(string account) =>
        Product.ScalarAsync<long>("select count(*) from webhook_events where account = $1 and processed", Cancel, account);

    private async Task EachOnceAsync(string id, string account, WebhookOutcome outcome)
    {
        Assert.NotEmpty(outcome.AcceptedEventIds);
        Assert.Equal(outcome.AcceptedEventIds.Count, await Eventually.HoldsAsync("every accepted event is kept and processed",
            () => Product.ScalarAsync<long>("select count(*) from webhook_events where processed and provider_event_id = any ($1)",
                Cancel, (object)outcome.AcceptedEventIds.ToArray()),
            processed => processed == outcome.AcceptedEventIds.Count, Recovery, Cancel));
        // An event can be stored though its sender heard nothing. It is processed too.
        var stored = await StoredAsync(account);
        await Eventually.HoldsAsync("every stored event is processed", () => ProcessedAsync(account), processed => processed == stored, Recovery, Cancel);
        Assert.Equal(stored, await Product.ScalarAsync<long>("select count(distinct provider_event_id) from webhook_events where account = $1", Cancel, account));
        Assert.Equal(stored, await Product.ScalarAsync<long>(
            "select count(*) from webhook_deliveries where integration_id = $1 and status = 'done' and attempts = 1", Cancel, Guid.Parse(id)));
        Assert.Equal(stored, await Product.ScalarAsync<long>("""
            select count(*) from webhook_events e
            join webhook_payloads w on w.event_id = e.id
            join payouts p on p.external_id = convert_from(w.payload, 'UTF8')::json #>> '{data,object,id}' and p.integration_id = $1 and p.status = 'paid'
            """, Cancel, Guid.Parse(id)));
        Assert.Equal(stored, await Product.ScalarAsync<long>("select count(*) from payouts where integration_id = $1", Cancel, Guid.Parse(id)));
    }
}
