using FinanceIntegrations.Data.Tests.Sync;
using FinanceIntegrations.Data.Webhooks;
using Npgsql;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Webhooks;

/// <summary>One integration's queue. Nobody claims: the grain is its only worker, and whatever two workers did is counted once.</summary>
public sealed class DeliveryQueueTests(OwnDatabase own) : DatabaseTest(own)
{
    private readonly string _account = $"acct_{NewId():N}";

    private DeliveryQueue Queue => new(Source, Clock);

    private Inbox Inbox => new(Source, Clock);

    [Fact]
    public async Task Deliveries_are_taken_oldest_first_in_batches_without_a_gap()
    {
        var (integration, events) = await FilledAsync(25);
        var taken = new List<long>();
        while (await Queue.TakeAsync(integration, taken.LastOrDefault(), 10, Cancel) is { Count: > 0 } batch)
            taken.AddRange(batch.Select(d => d.EventId));
        Assert.Equal(events, taken);
    }

    [Fact]
    public async Task A_batch_ends_where_its_payloads_are_many_bytes_and_holds_one_at_least()
    {
        var integration = await NewIntegrationAsync(_account);
        foreach (var (megabytes, n) in new[] { 9, 5, 5, 1 }.Select((size, n) => (size, n)))
            await Inbox.StoreAsync(Cancel, await Inbox.EventAsync($"{_account}-{n}", _account, Cancel, new string('x', megabytes * 1_000_000)));
        var (taken, after) = (new List<int[]>(), 0L);
        while (await Queue.TakeAsync(integration, after, 10, Cancel) is { Count: > 0 } batch)
        {
            taken.Add([.. batch.Select(d => d.Payload.Length / 1_000_000)]);
            after = batch[^1].EventId;
        }
        Assert.Equal(new int[][] { [9], [5, 5], [1] }, taken);
    }

    [Fact]
    public async Task A_delivery_carries_its_type_its_payload_and_its_attempts()
    {
        var integration = await NewIntegrationAsync(_account);
        await Inbox.StoreAsync(Cancel, await Inbox.EventAsync(_account, _account, Cancel, """{ "a":  1 }"""));
        var delivery = Assert.Single(await Queue.TakeAsync(integration, 0, 10, Cancel));
        Assert.Equal(("payout.paid", """{ "a":  1 }""", 0),
            (delivery.EventType, System.Text.Encoding.UTF8.GetString(delivery.Payload.Span), delivery.Attempts));
    }

    /// <summary>As a version before this one stored it, which may still run while the newer begins.</summary>
    [Fact]
    public async Task A_payload_that_lies_in_its_events_own_row_is_delivered_too()
    {
        var (integration, events) = await FilledAsync(1);
        await Source.ExecuteAsync("with moved as (delete from webhook_payloads where event_id = $1) update webhook_events set payload = 'old'::bytea where id = $1", Cancel, events[0]);
        Assert.Equal("old"u8.ToArray(), Assert.Single(await Queue.TakeAsync(integration, 0, 10, Cancel)).Payload.ToArray());
    }

    [Fact]
    public async Task Taking_claims_nothing_so_that_what_a_dead_worker_took_is_still_there()
    {
        var (integration, events) = await FilledAsync(3);
        for (var n = 0; n < 2; n++) Assert.Equal(events, (await Queue.TakeAsync(integration, 0, 10, Cancel)).Select(d => d.EventId));
    }

    [Fact]
    public async Task Done_and_ignored_ones_leave_the_queue_and_their_events_are_processed()
    {
        var (integration, events) = await FilledAsync(4);
        await CompleteAsync(integration, new() { Done = [events[0], events[1]], Ignored = [events[2]] });

        Assert.Equal([events[3]], (await Queue.TakeAsync(integration, 0, 10, Cancel)).Select(d => d.EventId));
        Assert.Equal(["done 1 0 True", "done 1 0 True", "ignored 1 0 True", "pending 0 1 False"], await StatesAsync(integration));
    }

    [Fact]
    public async Task The_end_of_an_event_is_written_where_its_row_is_and_touches_no_index()
    {
        var (integration, events) = await FilledAsync(1);
        await using var connection = await Source.OpenConnectionAsync(Cancel);
        await using var transaction = await connection.BeginTransactionAsync(Cancel);   // what the server counts of it, it tells within it
        await using var end = new NpgsqlCommand("select finish_deliveries($1, $2, 'done')", connection) { Parameters = { new() { Value = integration }, new() { Value = events.ToArray() } } };
        await using var count = new NpgsqlCommand("select pg_stat_get_xact_tuples_hot_updated('webhook_events'::regclass)", connection);
        var before = (long)(await count.ExecuteScalarAsync(Cancel))!;
        await end.ExecuteNonQueryAsync(Cancel);
        Assert.Equal(before + 1, await count.ExecuteScalarAsync(Cancel));
    }

    [Fact]
    public async Task Finishing_twice_or_twice_in_one_batch_counts_once()
    {
        var (integration, events) = await FilledAsync(2);
        await NewIntegrationOfSameEventsAsync(events);
        await CompleteAsync(integration, new() { Done = [events[0], events[0], events[1]] });
        await CompleteAsync(integration, new() { Done = events });
        await CompleteAsync(integration, new() { Ignored = events, Failed = [new(events[0], "late", null)] });
        Assert.Equal(["done 1 1 False", "done 1 1 False"], await StatesAsync(integration));   // the other integration's is still open
    }

    [Fact]
    public async Task Two_workers_that_finish_the_same_batch_at_once_count_once()
    {
        var (integration, events) = await FilledAsync(100);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(n =>
            CompleteAsync(integration, new() { Done = n % 2 == 0 ? events : [.. events.Reverse()] })));
        Assert.Equal(Enumerable.Repeat("done 1 0 True", 100), await StatesAsync(integration));
    }

    [Fact]
    public async Task Two_integrations_that_finish_the_same_events_at_once_in_the_order_of_the_queue_end_well()
    {
        var (alice, events) = await FilledAsync(300);
        var bob = await NewIntegrationOfSameEventsAsync(events);
        await Task.WhenAll(events.Chunk(100).SelectMany(chunk => new[]
        {
            CompleteAsync(alice, new() { Done = chunk }),
            CompleteAsync(bob, new() { Done = chunk }),
        }));
        Assert.Equal(Enumerable.Repeat("done 1 0 True", 300), await StatesAsync(alice));
        Assert.Equal(Enumerable.Repeat("done 1 0 True", 300), await StatesAsync(bob));
    }

    [Fact]
    public async Task A_failed_one_waits_for_its_time_and_those_behind_it_go_on()
    {
        var (integration, events) = await FilledAsync(2);
        await CompleteAsync(integration, new() { Failed = [new(events[0], "Once.", Begin.AddMinutes(5))] });
        Assert.Equal([events[1]], (await Queue.TakeAsync(integration, 0, 10, Cancel)).Select(d => d.EventId));

        Clock.Advance(TimeSpan.FromMinutes(5));
        var due = await Queue.TakeAsync(integration, 0, 10, Cancel);
        Assert.Equal([(events[0], 1), (events[1], 0)], due.Select(d => (d.EventId, d.Attempts)));
        Assert.Equal("Once.", await Source.ScalarAsync<string>("select last_error from webhook_deliveries where event_id = $1", Cancel,
            events[0]));

        await CompleteAsync(integration, new() { Done = [events[0]] });
        Assert.Equal("done 2 0 True", (await StatesAsync(integration))[0]);
        Assert.Equal(0, await Source.ScalarAsync<long>("select count(last_error) from webhook_deliveries where event_id = $1", Cancel,
            events[0]));
    }

    [Fact]
    public async Task One_without_a_further_attempt_is_a_dead_letter_that_keeps_its_event_open()
    {
        var (integration, events) = await FilledAsync(1);
        await CompleteAsync(integration, new() { Failed = [new(events[0], "Never.", null)] });
        Clock.Advance(TimeSpan.FromDays(365));
        Assert.Empty(await Queue.TakeAsync(integration, 0, 10, Cancel));
        Assert.DoesNotContain(integration, await Queue.WithPendingAsync(Clock.GetUtcNow(), 1000, Cancel));
        Assert.Equal(["dead 1 1 False"], await StatesAsync(integration));
    }

    [Fact]
    public async Task Effect_and_mark_are_one_transaction()
    {
        var (integration, events) = await FilledAsync(2);
        var poison = Sample.Transaction("t2", currency: "POUNDS");
        var refused = await Assert.ThrowsAsync<PostgresException>(() => CompleteAsync(integration, new()
        {
            Records = [Sample.Transaction("t1"), poison],
            Done = [events[0]],
            Failed = [new(events[1], "x", null)],
        }));
        Assert.True(DatabaseFaults.IsAboutTheData(refused));
        Assert.Equal(["pending 0 1 False", "pending 0 1 False"], await StatesAsync(integration));
        Assert.Equal(0, await RowsAsync(integration));

        await CompleteAsync(integration, new() { Records = [Sample.Transaction("t1")], Done = [events[0]] });
        Assert.Equal(1, await RowsAsync(integration));
    }

    [Fact]
    public async Task Another_integrations_delivery_cannot_be_finished_or_failed()
    {
        var (integration, events) = await FilledAsync(1);
        var stranger = await NewIntegrationAsync();
        await CompleteAsync(stranger, new() { Done = events, Failed = [new(events[0], "x", null)] });
        Assert.Equal(["pending 0 1 False"], await StatesAsync(integration));
    }

    [Fact]
    public async Task The_sweep_finds_each_integration_with_something_due_once()
    {
        var (busy, many) = await FilledAsync(20);
        var (waiting, later) = await FilledAsync(2, "later");
        var (finished, all) = await FilledAsync(2, "finished");
        await CompleteAsync(waiting, new() { Failed = [.. later.Select(id => new FailedDelivery(id, "x", Begin.AddHours(1)))] });
        await CompleteAsync(finished, new() { Done = all });
        await CompleteAsync(busy, new() { Failed = [new(many[0], "x", Begin.AddHours(1))] });   // one waits, nineteen are due

        var mine = new[] { busy, waiting, finished };
        Assert.Equal([busy], (await Queue.WithPendingAsync(Begin, 1000, Cancel)).Where(mine.Contains));
        Assert.Equal(new[] { busy, waiting }.Order(),
            (await Queue.WithPendingAsync(Begin.AddHours(1), 1000, Cancel)).Where(mine.Contains).Order());
        Assert.DoesNotContain(busy, await Queue.WithPendingAsync(Begin.AddSeconds(-1), 1000, Cancel));
        Assert.Single(await Queue.WithPendingAsync(Begin.AddHours(1), 1, Cancel));
    }

    private Task CompleteAsync(Guid integration, DeliveryBatch batch) => Queue.CompleteAsync(integration, batch, Cancel);

    private async Task<(Guid Integration, IReadOnlyList<long> Events)> FilledAsync(int count, string suffix = "")
    {
        var integration = await NewIntegrationAsync(_account + suffix);
        return (integration, await Inbox.FillAsync(_account + suffix, count, Cancel));
    }

    /// <summary>A second integration of the account, to which the same events go.</summary>
    private async Task<Guid> NewIntegrationOfSameEventsAsync(IReadOnlyList<long> events)
    {
        var other = await NewIntegrationAsync(_account, "bob");
        await Source.ExecuteAsync("""
            insert into webhook_deliveries (event_id, integration_id, status, next_attempt_at)
            select e, $2, 'pending', $3 from unnest($1) e order by e desc
            """, Cancel, events.ToArray(), other, Begin.UtcDateTime);
        await Source.ExecuteAsync("update webhook_events set open_deliveries = open_deliveries + 1 where id = any ($1)", Cancel,
            events.ToArray());
        return other;
    }

    private Task<long> RowsAsync(Guid integration) =>
        Source.ScalarAsync<long>("select count(*) from transactions where integration_id = $1", Cancel, integration);

    /// <summary>Each delivery's status and attempts, its event's open deliveries and whether it is processed.</summary>
    private Task<List<string>> StatesAsync(Guid integration) => Source.ListAsync<string>("""
        select concat_ws(' ', d.status, d.attempts, e.open_deliveries,
            case when e.processed and e.processed_at is not null then 'True' else 'False' end)
        from webhook_deliveries d join webhook_events e on e.id = d.event_id where d.integration_id = $1 order by d.event_id
        """, Cancel, integration);
}
