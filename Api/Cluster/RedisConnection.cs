using StackExchange.Redis;

namespace FinanceIntegrations.Api.Cluster;

/// <summary>The process's one connection to Redis. Redis may be away: then nobody waits for it.</summary>
internal sealed partial class RedisConnection(IConfiguration configuration, TimeProvider clock, ILogger<RedisConnection> log) : IAsyncDisposable
{
    private const int TimeoutMilliseconds = 250;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private Task<IConnectionMultiplexer?>? _connecting;
    private long _restUntil;

    /// <summary>Asks Redis, unless it is known to be away.</summary>
    /// <returns>Default: Redis cannot be asked now.</returns>
    public async ValueTask<T?> AskAsync<T>(Func<IDatabase, Task<T>> ask)
    {
        if (clock.GetUtcNow().UtcTicks < Volatile.Read(ref _restUntil) || Connected() is not { } redis) return default;
        try
        {
            return await ask(redis.GetDatabase());
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            Volatile.Write(ref _restUntil, (clock.GetUtcNow() + Rest).UtcTicks);
            LogAway(e.Message);
            return default;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connecting is not null && await _connecting is { } redis) await redis.DisposeAsync();
    }

    /// <summary>Connects beside the requests, never in front of one.</summary>
    private IConnectionMultiplexer? Connected()
    {
        Task<IConnectionMultiplexer?>? connecting;
        lock (_gate) connecting = _connecting ??= ConnectAsync();
        if (connecting is not { IsCompletedSuccessfully: true }) return null;
        var redis = connecting.GetAwaiter().GetResult();
        return redis?.IsConnected == true ? redis : null;
    }

    /// <summary>Null: none is configured, or its address cannot be read.</summary>
    private async Task<IConnectionMultiplexer?> ConnectAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (configuration.GetConnectionString("redis") is not { Length: > 0 } text) return null;
        try
        {
            var options = ConfigurationOptions.Parse(text);
            options.AbortOnConnectFail = false;   // it reconnects by itself
            options.AsyncTimeout = TimeoutMilliseconds;
            options.BacklogPolicy = BacklogPolicy.FailFast;
            return await ConnectionMultiplexer.ConnectAsync(options);
        }
        catch (Exception e) when (e is RedisException or ArgumentException)
        {
            LogAway(e.Message);
            return null;
        }
    }
}
