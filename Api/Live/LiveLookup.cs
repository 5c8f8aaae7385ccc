using FinanceIntegrations.Api.Cluster;
using FinanceIntegrations.Grains.Abstractions;
using Microsoft.Extensions.Caching.Hybrid;

namespace FinanceIntegrations.Api.Live;

/// <summary>An answer of the provider's, or why there is none.</summary>
/// <param name="Value">Null: nothing was ever answered.</param>
/// <param name="AskedAt">When <paramref name="Value"/> was asked for.</param>
/// <param name="Because">Why <paramref name="Value"/> is not of now; null: it is.</param>
internal sealed record LiveAnswer<T>(T? Value, DateTimeOffset AskedAt, string? Because)
    where T : class;

/// <summary>
/// Questions to a provider that a person waits for: however many ask, in however many processes, a provider is asked once in five seconds. Where
/// it does not answer, its last good answer stands in, for a day. Redis carries both from process to process; without it each asks for itself.
/// </summary>
internal sealed class LiveLookup(HybridCache cache, TimeProvider clock)
{
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(5);
    private static readonly HybridCacheEntryOptions Now = new() { Expiration = Young, LocalCacheExpiration = Young };
    private static readonly HybridCacheEntryOptions Last = new() { Expiration = TimeSpan.FromDays(1), LocalCacheExpiration = Young };
    private static readonly HybridCacheEntryOptions LookOnly = new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData };

    /// <param name="what">What is asked, in snake_case: one question has one name.</param>
    public async Task<LiveAnswer<T>> AskAsync<T>(
        Guid integration, string what, Func<CancellationToken, Task<Reply<T>>> ask, CancellationToken cancel)
        where T : class
    {
        var (key, tag) = ($"fi:live:{integration:N}:{what}", TagOf(integration));
        var answer = await cache.GetOrCreateAsync(key, token => AskNowAsync(key, tag, ask, token), Now, [tag], cancel);
        if (answer.Value is not null) return answer;
        var last = await cache.GetOrCreateAsync<LiveAnswer<T>?>(LastOf(key), static _ => default, LookOnly, [tag], cancel);
        return last is null ? answer : last with { Because = answer.Because };
    }

    /// <summary>Nothing that was answered for the integration stands in any more.</summary>
    public ValueTask ForgetAsync(Guid integration, CancellationToken cancel) => cache.RemoveByTagAsync(TagOf(integration), cancel);

    private async ValueTask<LiveAnswer<T>> AskNowAsync<T>(
        string key, string tag, Func<CancellationToken, Task<Reply<T>>> ask, CancellationToken cancel)
        where T : class
    {
        var at = clock.GetUtcNow();
        try
        {
            var reply = await ask(cancel);
            if (reply.Value is not { } value) return new(null, at, reply.Refusal!.ErrorClass ?? reply.Refusal.Code);
            var good = new LiveAnswer<T>(value, at, null);
            await cache.SetAsync(LastOf(key), good, Last, [tag], cancel);
            return good;
        }
        catch (Exception away) when (away is ClusterNotConnectedException or OrleansException or TimeoutException or StoreUnavailableException)
        {
            return new(null, at, "service_unavailable");
        }
    }

    private static string LastOf(string key) => key + ":last";

    private static string TagOf(Guid integration) => $"fi:live:{integration:N}";
}

internal static class LiveServices
{
    public static IServiceCollection AddLiveLookups(this IServiceCollection services)
    {
        services.AddHybridCache();
        return services.AddSingleton<Microsoft.Extensions.Caching.Distributed.IDistributedCache, RedisCache>()
            .AddSingleton<LiveLookup>().AddSingleton<Records.LiveBalances>().AddSingleton<Records.RecordAge>();
    }
}
