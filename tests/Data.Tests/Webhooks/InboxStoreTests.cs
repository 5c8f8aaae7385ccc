using CsCheck;
using FinanceIntegrations.Data.Endpoints;
using FinanceIntegrations.Data.Integrations;
using FinanceIntegrations.Data.Webhooks;
using Npgsql;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Webhooks;

/// <summary>Each test has accounts of its own; event ids carry the account's name.</summary>
public sealed class InboxStoreTests(OwnDatabase own) : DatabaseTest(own)
{
    private readonly string _account = $"acct_{NewId():N}";

    private Inbox Inbox => new(Source, Clock);

    [Fact]
    public async Task An_event_goes_to_every_integration_of_its_account_and_to_no_other()
    {
        var (alice, bob) = (await NewIntegrationAsync(_account), await NewIntegrationAsync(_account, "bob"));
        await NewIntegrationAsync(_account + "x");
        var deleted = NewState(_account) with { DeletedAt = Begin };
        await Source.WriteStateAsync(deleted, null, Cancel);
        var elsewhere = NewState(_account) with { Provider = "paypal" };
        await Source.WriteStateAsync(elsewhere, null, Cancel);

        var told = await Inbox.StoreAsync(Cancel, await EventAsync("1"), await EventAsync("2"));

        Assert.Equal(new[] { alice, bob }.Order(), told.Order());
        Assert.Equal(["routed 2 False 2", "routed 2 False 2"], await EventsAsync());
    }

    [Fact]
    public async Task An_event_that_came_before_changes_nothing_and_wakes_nobody()
    {
        var integration = await NewIntegrationAsync(_account);
        var first = await EventAsync("1", "first");
        Assert.Equal([integration], await Inbox.StoreAsync(Cancel, first));
        Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty(await Inbox.StoreAsync(Cancel, await EventAsync("1", "second")));
        Assert.Equal([integration], await Inbox.StoreAsync(Cancel, await EventAsync("1", "third"), await EventAsync("2")));

        Assert.Equal(["routed 1 False 1", "routed 1 False 1"], await EventsAsync());
        Assert.Equal("first", System.Text.Encoding.UTF8.GetString(await PayloadAsync("1")));
        Assert.Equal(1, await Source.ScalarAsync<long>(
            "select count(*) from webhook_events where provider_event_id = $1 and received_at = $2", Cancel, Name("1"), Begin.UtcDateTime));
    }

    [Fact]
    public async Task Of_duplicates_within_one_batch_the_first_is_kept()
    {
        await NewIntegrationAsync(_account);
        await Inbox.StoreAsync(Cancel, await EventAsync("1", "a"), await EventAsync("2"), await EventAsync("1", "b"),
            await EventAsync("1", "a"));
        Assert.Equal(["routed 1 False 1", "routed 1 False 1"], await EventsAsync());
        Assert.Equal("a"u8.ToArray(), await PayloadAsync("1"));
    }

    [Fact]
    public async Task Ids_follow_the_order_within_the_batch()
    {
        await NewIntegrationAsync(_account);
        var names = Enumerable.Range(0, 200).Select(n => $"{(n * 7919) % 200:000}").ToArray();
        var events = new List<InboxEvent>();
        foreach (var name in names) events.Add(await EventAsync(name));
        await Inbox.StoreAsync(Cancel, [.. events]);
        Assert.Equal(names.Select(Name), await Source.ListAsync<string>(
            "select provider_event_id from webhook_events where account = $1 order by id", Cancel, _account));
    }

    [Fact]
    public async Task Batches_that_hold_the_same_events_in_another_order_all_end_well_and_store_each_once()
    {
        await NewIntegrationAsync(_account);
        for (var round = 0; round < 4; round++)
        {
            var events = new List<InboxEvent>();
            for (var n = 0; n < 400; n++) events.Add(await EventAsync($"{round}-{n}"));
            await Task.WhenAll(
                Inbox.StoreAsync(Cancel, [.. events]),
                Inbox.StoreAsync(Cancel, [.. events.AsEnumerable().Reverse()]),
                Inbox.StoreAsync(Cancel, [.. events.OrderBy(e => e.EventId.GetHashCode(StringComparison.Ordinal))]));
        }
        Assert.Equal(Enumerable.Repeat("routed 1 False 1", 1600), await EventsAsync());
    }

    [Fact]
    public async Task An_event_of_nobody_is_kept_and_waits_for_nobody()
    {
        Assert.Empty(await Inbox.StoreAsync(Cancel, await EventAsync("1"), (await EventAsync("2")) with { Account = null }));
        Assert.Equal(["unroutable 0 True 0"], await EventsAsync());
        Assert.Equal("unroutable", await Source.ScalarAsync<string>("select routing from webhook_events where provider_event_id = $1",
            Cancel, Name("2")));
    }

    [Fact]
    public async Task An_event_that_its_endpoint_does_not_want_is_kept_and_ignored()
    {
        var integration = await NewIntegrationAsync(_account);
        Assert.Equal([integration], await Inbox.StoreAsync(Cancel, (await EventAsync("1")) with { Wanted = false }, await EventAsync("2")));
        Assert.Equal(["ignored 0 True 0", "routed 1 False 1"], await EventsAsync());
    }

    [Fact]
    public async Task An_endpoint_of_one_integration_reaches_that_one_alone_whatever_account_the_event_names()
    {
        var (mine, victim) = (await NewIntegrationAsync(), await NewIntegrationAsync(_account, "bob"));
        var endpoint = await NewEndpointAsync(mine);
        Assert.Equal([mine], await Inbox.StoreAsync(Cancel, (await EventAsync("1")) with { EndpointId = endpoint }));
        Assert.Equal([mine], await Inbox.StoreAsync(Cancel, (await EventAsync("2")) with { EndpointId = endpoint, Account = null }));
        Assert.Equal(0, await Source.ScalarAsync<long>("select count(*) from webhook_deliveries where integration_id = $1", Cancel,
            victim));

        // The same id at another endpoint is another event.
        Assert.Equal([victim], await Inbox.StoreAsync(Cancel, await EventAsync("1")));
    }

    [Fact]
    public async Task An_event_of_an_endpoint_that_was_deleted_meanwhile_does_not_take_the_others_down()
    {
        var integration = await NewIntegrationAsync(_account);
        var endpoint = await NewEndpointAsync(integration);
        await new WebhookEndpointStore(Source).DeleteAsync(integration, endpoint, Cancel);

        Assert.Equal([integration], await Inbox.StoreAsync(Cancel, (await EventAsync("gone")) with { EndpointId = endpoint },
            await EventAsync("1")));
        Assert.Equal(["routed 1 False 1"], await EventsAsync());
    }

    [Fact]
    public async Task A_payload_is_kept_byte_for_byte() =>
        await Gen.Byte.Array[0, 2000].Array[1, 8].SampleAsync(async payloads =>
        {
            var prefix = NewId().ToString("N");
            var events = new List<InboxEvent>();
            foreach (var payload in payloads) events.Add((await EventAsync($"{prefix}-{events.Count}")) with { Payload = payload });
            await Inbox.StoreAsync(Cancel, [.. events]);
            for (var n = 0; n < payloads.Length; n++) Assert.Equal(payloads[n], await PayloadAsync($"{prefix}-{n}"));
        }, iter: 20, threads: 1);

    [Fact]
    public async Task A_payload_of_a_megabyte_is_kept_whole()
    {
        var payload = new byte[1 << 20];
        new Random(7).NextBytes(payload);
        await Inbox.StoreAsync(Cancel, (await EventAsync("large")) with { Payload = payload });
        Assert.Equal(payload, await PayloadAsync("large"));
    }

    [Fact]
    public async Task A_payload_goes_with_its_event_and_no_other_does()
    {
        var (mine, other) = (await NewIntegrationAsync(_account), await NewIntegrationAsync());
        var endpoint = await NewEndpointAsync(other);
        await Inbox.StoreAsync(Cancel, await EventAsync("purged"), (await EventAsync("endpoint")) with { EndpointId = endpoint },
            (await EventAsync("stays")) with { Account = "acct_nobody" });
        var ids = await Source.ListAsync<long>(
            "select id from webhook_events where provider_event_id = any ($1) order by id", Cancel, (object)new[] { Name("purged"), Name("endpoint"), Name("stays") });
        await new PurgeStore(Source).PurgeAsync(mine, Cancel);
        Assert.Equal(ids[1..], await KeptAsync());
        await new WebhookEndpointStore(Source).DeleteAsync(other, endpoint, Cancel);
        Assert.Equal(ids[2..], await KeptAsync());

        Task<List<long>> KeptAsync() =>
            Source.ListAsync<long>("select event_id from webhook_payloads where event_id = any ($1) order by event_id", Cancel, (object)ids.ToArray());
    }

    [Fact]
    public async Task Text_that_the_database_cannot_hold_is_told_apart_and_nothing_of_its_batch_is_stored()
    {
        await using var alone = Alone();
        var refused = await RefusedAsync(new(alone, Clock));
        Assert.True(DatabaseFaults.IsBadText(refused));
        Assert.Empty(await EventsAsync());
    }

    [Fact]
    public async Task A_connection_on_which_the_statement_was_refused_when_it_was_prepared_loses_no_event()
    {
        var integration = await NewIntegrationAsync(_account);
        await using var alone = Alone();
        var inbox = new Inbox(alone, Clock);
        Assert.Equal([integration], await inbox.StoreAsync(Cancel, await EventAsync("3")));
        await RefusedAsync(inbox);   // the second use: the one that prepares
        var next = await EventAsync("4");
        await DatabaseFaults.OnceMoreAsync(() => inbox.StoreAsync(Cancel, next));
        Assert.Equal(["routed 1 False 1", "routed 1 False 1"], await EventsAsync());
    }

    private async Task<PostgresException> RefusedAsync(Inbox inbox) => await Assert.ThrowsAsync<PostgresException>(
        async () => await inbox.StoreAsync(Cancel, await EventAsync("1"), (await EventAsync("2")) with { EventType = "a\0b" }));

    private string Name(string id) => $"{_account}-{id}";

    private Task<InboxEvent> EventAsync(string id, string payload = "{}") => Inbox.EventAsync(Name(id), _account, Cancel, payload);

    private async Task<Guid> NewEndpointAsync(Guid integration) =>
        (await new WebhookEndpointStore(Source)
            .CreateAsync(NewId(), integration, "stripe", new("", null, true), "sealed", Begin, Cancel)).Id;

    private Task<byte[]> PayloadAsync(string id) =>
        Source.ScalarAsync<byte[]>(
            "select p.payload from webhook_events e join webhook_payloads p on p.event_id = e.id where provider_event_id = $1", Cancel, Name(id));

    /// <summary>Of this test's account: routing, open deliveries, whether it is processed, and deliveries counted.</summary>
    private Task<List<string>> EventsAsync() => Source.ListAsync<string>("""
        select concat_ws(' ', routing, open_deliveries, case when processed then 'True' else 'False' end,
            (select count(*) from webhook_deliveries d where d.event_id = e.id))
        from webhook_events e where account = $1 order by id
        """, Cancel, _account);
}
