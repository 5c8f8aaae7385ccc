using System.Collections.Concurrent;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Grains.Abstractions;
using FinanceIntegrations.Grains.Tests.Cluster;
using FinanceIntegrations.Testing;
using Npgsql;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

/// <summary>Many tokens that were issued in one minute, and a provider whose token endpoint takes an eighth of them in a minute.</summary>
[Collection(RushCollection.Name)]
public sealed class RefreshRushTests(RushCluster cluster)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<DateTimeOffset> _calls = new();
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _refreshed = new();
    private int _refused;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tokens_that_expire_in_the_same_minute_are_all_refreshed_before_within_the_providers_rate()
    {
        var ids = Enumerable.Range(0, RushCluster.Tokens).Select(_ => Guid.CreateVersion7(TimeProvider.System.GetUtcNow())).ToList();
        var begun = cluster.Clock.Now;
        await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancel }, (id, _) => ConnectAsync(id));
        await Eventually.HoldsAsync("the first syncs have ended",
            () => CountAsync("select count(*) from integrations where last_success_at is not null"), done => done == ids.Count, TimeSpan.FromMinutes(5), Cancel);
        Assert.Equal(begun, cluster.Clock.Now);   // all at one moment, so that all end at one
        var ends = begun + Lifetime;

        await cluster.Clock.AdvanceToAsync(ends - (Lifetime * 0.36));   // shortly before the first is due
        while (cluster.Clock.Now < ends && _refreshed.Count < ids.Count) await SecondGoesByAsync();

        Assert.Equal(ids.Count, _refreshed.Count);
        Assert.True(_refreshed.Values.Max() < ends, $"{ends - _refreshed.Values.Max()} before the end");
        Assert.Equal(0, _refused);
        await Eventually.HoldsAsync("all new tokens are stored",
            () => CountAsync("select count(*) from integrations where token_expires_at > $1 and status = 'active'", ends), stored => stored == ids.Count, cancel: Cancel);
        Assert.Equal(ids.Count, _calls.Count);   // each once
    }

    /// <summary>The next second, once what was due in this one is done, or the provider's rate is used up: the clock must not outrun the machine.</summary>
    private async Task SecondGoesByAsync()
    {
        await cluster.Clock.AdvanceAsync(Second);
        var (before, started) = (_calls.Count, TimeProvider.System.GetTimestamp());
        while (TimeProvider.System.GetElapsedTime(started) < Second)
        {
            if (_calls.Count - before >= (int)(RushCluster.CallsPerMinute * 0.95 / 60)) return;
            if (await CountAsync("select count(*) from integrations where token_refresh_at <= $1", cluster.Clock.Now - Second) == 0) return;
            await Task.Delay(TimeSpan.FromMilliseconds(5), Cancel);
        }
    }

    private async ValueTask ConnectAsync(Guid id)
    {
        var script = cluster.Provider.Of(id);
        script.TokenLifetime = Lifetime;
        script.OnRefresh = () => Task.FromResult(Answer(id, script));
        var connection = new Connection(cluster.Silos.Client.GetGrain<IIntegrationGrain>(id), script, ScriptedProvider.Id.Value);
        await connection.CreateAsync(7 * 24 * 60);
        await connection.AuthorizeAsync();
    }

    /// <summary>The provider counts the calls of the last sixty seconds.</summary>
    private ProviderResult<TokenGrant> Answer(Guid id, Script script)
    {
        var now = cluster.Clock.Now;
        _calls.Enqueue(now);
        if (_calls.Count(call => call > now - TimeSpan.FromMinutes(1)) > RushCluster.CallsPerMinute)
        {
            Interlocked.Increment(ref _refused);
            return Script.RateLimited;
        }
        _refreshed[id] = now;
        script.RefuseTokens();
        return script.Grant();
    }

    private async Task<long> CountAsync(string sql, params DateTimeOffset[] parameters)
    {
        await using var command = cluster.Database.CreateCommand(sql);
        foreach (var parameter in parameters) command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = parameter });
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }
}

/// <summary>Two silos that know the provider's rate.</summary>
public sealed class RushCluster : GrainCluster
{
    public static readonly int Tokens = LongRun.Choose(usual: 1_000, full: 10_000);

    public static readonly int CallsPerMinute = Tokens / 8;

    protected override IReadOnlyDictionary<string, string?> MoreSettings => new Dictionary<string, string?>
    {
        [$"Tokens:CallsPerMinute:{ScriptedProvider.Id.Value}"] = $"{CallsPerMinute}",
    };
}

[CollectionDefinition(Name)]
public sealed class RushCollection : ICollectionFixture<RushCluster>
{
    public const string Name = "rush";
}
