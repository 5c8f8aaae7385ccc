using CsCheck;
using FinanceIntegrations.Data.Sync;
using FinanceIntegrations.Data.Webhooks;
using FinanceIntegrations.Domain.Records;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Sync;

/// <summary>However states of a record arrive, the newest stays.</summary>
public sealed class NewestWinsTests(OwnDatabase own) : DatabaseTest(own)
{
    private DeliveryQueue Queue => new(Source, Clock);

    [Fact]
    public async Task An_older_state_never_overwrites_a_newer_one_in_whatever_order_and_batches_they_come() =>
        await Gen.Select(Gen.Int[1, 6], Gen.Int[0, 2]).HashSet[1, 8].SelectMany(moments =>
            from order in Gen.Shuffle(moments.ToArray())
            from size in Gen.Int[1, order.Length]
            select (Arrivals: order, BatchSize: size)).SampleAsync(async life =>
        {
            var integration = await NewIntegrationAsync();
            foreach (var batch in life.Arrivals.Chunk(life.BatchSize))
                await ApplyAsync(integration,
                    [.. batch.Select(m => Sample.Transaction("t1", second: m.Item1, rank: m.Item2, note: $"{m}"))]);
            Assert.Equal([$"{life.Arrivals.Max()}"], await NotesAsync(integration));
        }, iter: 60, threads: 1);

    [Fact]
    public async Task Of_two_states_of_one_moment_the_one_that_came_later_stays()
    {
        var integration = await NewIntegrationAsync();
        await ApplyAsync(integration, Sample.Transaction("t1", note: "first"), Sample.Transaction("t1", note: "second"));
        Assert.Equal(["second"], await NotesAsync(integration));
        await ApplyAsync(integration, Sample.Transaction("t1", note: "third"));
        Assert.Equal(["third"], await NotesAsync(integration));
    }

    [Fact]
    public async Task A_record_that_the_provider_deleted_says_so_and_an_older_state_does_not_bring_it_back()
    {
        var integration = await NewIntegrationAsync();
        var alive = Sample.Transaction("t1", second: 1);
        await ApplyAsync(integration, alive);
        await ApplyAsync(integration, alive with { Deleted = true, AsOf = Sample.Day.AddSeconds(5) });   // the same bytes, and gone
        await ApplyAsync(integration, alive with { AsOf = Sample.Day.AddSeconds(3) });
        Assert.True(await Source.ScalarAsync<bool>("select deleted from transactions where integration_id = $1", Cancel, integration));
    }

    [Fact]
    public async Task First_seen_stays_and_last_seen_moves_when_the_content_changes()
    {
        var integration = await NewIntegrationAsync();
        await ApplyAsync(integration, Sample.Transaction("t1", second: 1, note: "a"));
        Clock.Advance(TimeSpan.FromHours(1));
        await ApplyAsync(integration, Sample.Transaction("t1", second: 2, note: "b"));
        Clock.Advance(TimeSpan.FromHours(1));
        await ApplyAsync(integration, Sample.Transaction("t1", second: 2, note: "b"));
        Assert.Equal([$"{Begin:O} {Begin.AddHours(1):O}"], (await Source.ListAsync<DateTime[]>(
            "select array[first_seen_at, last_seen_at] from transactions where integration_id = $1", Cancel, integration))
            .Select(t => $"{new DateTimeOffset(t[0]):O} {new DateTimeOffset(t[1]):O}"));
    }

    [Fact]
    public async Task A_webhook_and_a_page_of_a_sync_agree_on_what_is_newer()
    {
        var key = new StreamKey(await NewIntegrationAsync(), "transactions", NewId());
        var store = new SyncStore(Source, Clock);
        await ApplyAsync(key.IntegrationId, Sample.Transaction("t1", second: 9, note: "webhook"));
        var after = await store.CommitAsync(key, await store.OpenAsync(key, Cancel), RecordKind.Transaction,
            Sample.Page("c1", Sample.Transaction("t1", second: 5, note: "page"), Sample.Transaction("t2", note: "page")), 1, Cancel);
        Assert.Equal(1, after!.Written);
        Assert.Equal(["page", "webhook"], (await NotesAsync(key.IntegrationId)).Order());
    }

    private Task ApplyAsync(Guid integration, params UnifiedRecord[] records) =>
        Queue.CompleteAsync(integration, new() { Records = records }, Cancel);

    private Task<List<string>> NotesAsync(Guid integration) =>
        Source.ListAsync<string>("select description from transactions where integration_id = $1", Cancel, integration);
}
