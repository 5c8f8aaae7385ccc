using FinanceIntegrations.Api.Webhooks;
using FinanceIntegrations.Data.Webhooks;
using FinanceIntegrations.Grains.Tests.Cluster;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

/// <summary>The api's group commit over the real inbox: what one event does to those that travel with it.</summary>
public sealed class GroupCommitTests(GrainCluster cluster) : GrainTest(cluster)
{
    private const int Many = 64;

    private readonly string _name = $"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}";

    [Fact]
    public async Task An_event_that_cannot_be_stored_leaves_those_beside_it_their_shared_commits()
    {
        var endpoint = await Inbox.EndpointAsync(ScriptedProvider.Id.Value);
        using var commit = Commit(new() { MaxBatch = Many });
        var waiting = Enumerable.Range(0, Many).Select(n => commit.StoreAsync(Event(endpoint, n, account: n == 37 ? "\0" : null))).ToArray();
        await commit.StartAsync(Cancel);   // all of them are its first batch
        var stored = await Task.WhenAll(waiting);
        await commit.StopAsync(Cancel);

        Assert.Equal([37], Enumerable.Range(0, Many).Where(n => stored[n] == Stored.Unstorable));
        Assert.Equal(Many - 1, stored.Count(one => one == Stored.Yes));
        Assert.Equal(Many - 1, await ScalarAsync<long>("select count(*) from webhook_events where starts_with(provider_event_id, $1)", _name));
        Assert.InRange(await ScalarAsync<long>("select count(distinct xmin::text) from webhook_events where starts_with(provider_event_id, $1)", _name), 1, 6);
    }

    [Fact]
    public async Task More_bytes_than_may_wait_are_sent_away_and_there_is_room_again_when_they_are_stored()
    {
        var endpoint = await Inbox.EndpointAsync(ScriptedProvider.Id.Value);
        using var commit = Commit(new() { MaxWaitingBytes = 16_777_216 });
        var half = new byte[8_388_608];
        var waiting = Enumerable.Range(0, 2).Select(n => commit.StoreAsync(Event(endpoint, n, half))).ToArray();
        Assert.Equal(Stored.Unavailable, await commit.StoreAsync(Event(endpoint, 2)));
        Assert.DoesNotContain(waiting, one => one.IsCompleted);

        await commit.StartAsync(Cancel);
        Assert.Equal([Stored.Yes, Stored.Yes], await Task.WhenAll(waiting));
        Assert.Equal(Stored.Yes, await commit.StoreAsync(Event(endpoint, 3, half)));
        await commit.StopAsync(Cancel);
    }

    private GroupCommit Commit(WebhookOptions options) => new(
        new InboxStore(Cluster.Database), Silos.Client, Options.Create(options), TimeProvider.System, NullLogger<GroupCommit>.Instance);

    private InboxEvent Event(Guid endpoint, int number, byte[]? body = null, string? account = null) => new(
        endpoint, ScriptedProvider.Id.Value, $"{_name}-{number}", "other", account, null, body ?? [1], Wanted: true);
}
