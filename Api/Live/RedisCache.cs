using FinanceIntegrations.Api.Cluster;
using Microsoft.Extensions.Caching.Distributed;

namespace FinanceIntegrations.Api.Live;

/// <summary>The cache's second level. What Redis cannot tell is not known, what it cannot take is lost: both cost a call more. Never waits for it.</summary>
/// <remarks>Packages that do this bring a connection of their own and make callers wait for it.</remarks>
internal sealed class RedisCache(RedisConnection redis, TimeProvider clock) : IDistributedCache
{
    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default) =>
        await redis.AskAsync<byte[]?>(async database => await database.StringGetAsync(key));

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        var life = options.AbsoluteExpirationRelativeToNow ?? options.AbsoluteExpiration - clock.GetUtcNow() ?? options.SlidingExpiration;
        if (life is { } rest && rest > TimeSpan.Zero) await redis.AskAsync(database => database.StringSetAsync(key, value, rest));
    }

    /// <summary>Nothing here slides.</summary>
    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    public async Task RemoveAsync(string key, CancellationToken token = default) => await redis.AskAsync(database => database.KeyDeleteAsync(key));

    public byte[]? Get(string key) => throw Synchronous();

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw Synchronous();

    public void Refresh(string key) => throw Synchronous();

    public void Remove(string key) => throw Synchronous();

    private static NotSupportedException Synchronous() => new("Redis is asked asynchronously.");
}
