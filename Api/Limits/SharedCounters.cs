using StackExchange.Redis;

namespace FinanceIntegrations.Api.Limits;

/// <summary>Counters that all Api processes share, in Redis. Redis may be away: then nobody knows, and nobody waits.</summary>
internal sealed partial class SharedCounters(IConfiguration configuration, TimeProvider clock, ILogger<SharedCounters> log)
    : IAsyncDisposable
{
    private const string CountScript = """
        local n = redis.call('incr', KEYS[1])
        if n == 1 then redis.call('pexpire', KEYS[1], ARGV[1]) end
        return n
        """;
    private const int TimeoutMilliseconds = 250;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private Task<IConnectionMultiplexer?>? _connecting;
    private long _restUntil;

    /// <summary>Counts one more under this key, which lives that long.</summary>
    /// <returns>Null: Redis cannot be asked now.</returns>
    public async ValueTask<long?> CountAsync(string key, TimeSpan life)
    {
        if (clock.GetUtcNow().UtcTicks < Volatile.Read(ref _restUntil) || Connected() is not { } redis) return null;
        try
        {
            return (long)await redis.GetDatabase().ScriptEvaluateAsync(CountScript, [key], [(long)life.TotalMilliseconds]);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            Volatile.Write(ref _restUntil, (clock.GetUtcNow() + Rest).UtcTicks);
            LogAway(e.Message);
            return null;
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
