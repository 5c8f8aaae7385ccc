using FinanceIntegrations.Data.Endpoints;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Data.Tests.Webhooks;
using FinanceIntegrations.Data.Webhooks;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Endpoints;

public sealed class WebhookReplayTests(OwnDatabase own) : DatabaseTest(own)
{
    private static readonly Period Always = Period.Between(null, null);
    private readonly string _account = $"acct_{NewId():N}";

    private WebhookReplay Replay => new(Source);

    private DeliveryQueue Queue => new(Source, Clock);

    [Theory, InlineData("done"), InlineData("ignored"), InlineData("dead"), InlineData("pending")]
    public async Task Whatever_became_of_it_a_delivery_is_pending_again_and_its_event_closes_once(string outcome)
    {
        var (integration, events) = await FilledAsync(1);
        var id = events[0];
        await EndAsync(integration, outcome, id);

        Assert.True(await Replay.OneAsync(integration, id, Cancel));
        Assert.Equal("pending 0 1 False", await StateAsync(id));
        Assert.True(await Replay.OneAsync(integration, id, Cancel));   // asked twice
        Assert.Equal("pending 0 1 False", await StateAsync(id));

        Clock.SetUtcNow(TimeProvider.System.GetUtcNow().AddMinutes(1));   // replays are due by the database's clock
        Assert.Equal([id], (await Queue.TakeAsync(integration, 0, 10, Cancel)).Select(d => d.EventId));
        await Queue.CompleteAsync(integration, new() { Done = [id] }, Cancel);
        Assert.Equal("done 1 0 True", await StateAsync(id));
    }

    [Fact]
    public async Task Filters_choose_by_status_type_and_time_and_the_limit_takes_the_oldest()
    {
        var (integration, early) = await FilledAsync(3);
        Clock.Advance(TimeSpan.FromHours(1));
        var late = await new Inbox(Source, Clock).FillAsync(_account, 2, Cancel);
        await Queue.CompleteAsync(integration, new() { Done = [.. early, late[0]], Failed = [new(late[1], "x", null)] }, Cancel);

        Assert.Equal(0, await Replay.ManyAsync(integration, new(null, "charge.failed", Always), 10, Cancel));
        Assert.Equal(0, await Replay.ManyAsync(integration, new("pending", null, Always), 10, Cancel));
        Assert.Equal(1, await Replay.ManyAsync(integration, new("dead", "payout.paid", Always), 10, Cancel));
        Assert.Equal(1, await Replay.ManyAsync(integration, new("done", null, Period.Between(Begin.AddHours(1), null)), 10, Cancel));
        Assert.Equal(2, await Replay.ManyAsync(integration, new("done", null, Period.Between(null, Begin.AddHours(1))), 2, Cancel));
        Assert.Equal(["pending", "pending", "done", "pending", "pending"], await Source.ListAsync<string>(
            "select status from webhook_deliveries where integration_id = $1 order by event_id", Cancel, integration));
    }

    [Fact]
    public async Task Another_integrations_events_are_out_of_reach()
    {
        var (integration, events) = await FilledAsync(1);
        await EndAsync(integration, "done", events[0]);
        var stranger = await NewIntegrationAsync(owner: "mallory");
        Assert.False(await Replay.OneAsync(stranger, events[0], Cancel));
        Assert.Equal(0, await Replay.ManyAsync(stranger, new(null, null, Always), 10, Cancel));
        Assert.Equal("done 1 0 True", await StateAsync(events[0]));
    }

    [Fact]
    public async Task An_integration_replays_its_own_delivery_of_a_shared_event_alone()
    {
        var (alice, bob) = (await NewIntegrationAsync(_account), await NewIntegrationAsync(_account, "bob"));
        var id = (await new Inbox(Source, Clock).FillAsync(_account, 1, Cancel))[0];
        foreach (var integration in new[] { alice, bob }) await EndAsync(integration, "done", id);

        Assert.True(await Replay.OneAsync(alice, id, Cancel));
        Assert.Equal(["pending", "done"], (await Source.ListAsync<string>(
            "select status from webhook_deliveries where event_id = $1 order by integration_id = $2 desc", Cancel, id, alice)));
        Assert.Equal(1, await Source.ScalarAsync<int>("select open_deliveries from webhook_events where id = $1 and not processed",
            Cancel, id));
    }

    private async Task<(Guid Integration, IReadOnlyList<long> Events)> FilledAsync(int count)
    {
        var integration = await NewIntegrationAsync(_account);
        return (integration, await new Inbox(Source, Clock).FillAsync(_account, count, Cancel));
    }

    private Task EndAsync(Guid integration, string outcome, long id) => Queue.CompleteAsync(integration, outcome switch
    {
        "done" => new() { Done = [id] },
        "ignored" => new() { Ignored = [id] },
        "dead" => new() { Failed = [new(id, "Never.", null)] },
        _ => new() { Failed = [new(id, "Later.", Begin.AddDays(900))] },
    }, Cancel);

    private Task<string> StateAsync(long id) => Source.ScalarAsync<string>("""
        select concat_ws(' ', d.status, d.attempts, e.open_deliveries,
            case when e.processed and e.processed_at is not null then 'True' else 'False' end)
        from webhook_deliveries d join webhook_events e on e.id = d.event_id where e.id = $1
        """, Cancel, id);
}
