using FinanceIntegrations.Api.Cluster;

namespace FinanceIntegrations.Api.Limits;

/// <summary>Counters that all Api processes share, in Redis. Redis may be away: then nobody knows, and nobody waits.</summary>
internal sealed class SharedCounters(RedisConnection redis)
{
    private const string CountScript = """
        local n = redis.call('incr', KEYS[1])
        if n == 1 then redis.call('pexpire', KEYS[1], ARGV[1]) end
        return n
        """;

    /// <summary>Counts one more under this key, which lives that long.</summary>
    /// <returns>Null: Redis cannot be asked now.</returns>
    public ValueTask<long?> CountAsync(string key, TimeSpan life) => redis.AskAsync<long?>(async database =>
        (long)await database.ScriptEvaluateAsync(CountScript, [key], [(long)life.TotalMilliseconds]));
}
