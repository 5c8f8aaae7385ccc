using System.Globalization;
using System.Threading.RateLimiting;
using FinanceIntegrations.Api.Cluster;
using FinanceIntegrations.Api.Problems;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Api.Limits;

/// <summary>Limits requests per user and class of endpoint and minute: counted together in Redis, else by each process alone.</summary>
internal sealed class RateLimits(SharedCounters shared, IOptions<RateLimitOptions> options, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly PartitionedRateLimiter<(string User, bool Write)> _own =
        PartitionedRateLimiter.Create<(string User, bool Write), (string, bool)>(key => RateLimitPartition.GetFixedWindowLimiter(key, k => new()
        {
            PermitLimit = Permits(options.Value, k.Item2),
            Window = Window,
            QueueLimit = 0,
        }));

    /// <returns>Null: go on. Else how long to wait.</returns>
    public async ValueTask<TimeSpan?> CountAsync(string user, bool write)
    {
        var now = clock.GetUtcNow();
        var window = now.UtcTicks / Window.Ticks;
        var key = string.Create(CultureInfo.InvariantCulture, $"fi:limit:{(write ? 'w' : 'r')}:{window}:{user}");
        if (await shared.CountAsync(key, Window) is { } count)
            return count <= Permits(options.Value, write) ? null : TimeSpan.FromTicks(((window + 1) * Window.Ticks) - now.UtcTicks);
        using var lease = _own.AttemptAcquire((user, write));
        if (lease.IsAcquired) return null;
        return lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : Window;
    }

    public void Dispose() => _own.Dispose();

    private static int Permits(RateLimitOptions limits, bool write) => write ? limits.WritesPerMinute : limits.ReadsPerMinute;
}

/// <summary>On the groups that serve users. Behind authorization, so that every request has its user.</summary>
internal sealed class RateLimitFilter(RateLimits limits) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (http.User.FindFirst("sub")?.Value is not { } user) return await next(context);   // pages without a user
        var write = !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method);
        if (await limits.CountAsync(user, write) is not { } wait) return await next(context);
        return Problem.Of(StatusCodes.Status429TooManyRequests, "rate_limited", "Too many requests: wait a moment.",
            (Problem.RetryAfter, (long)Math.Max(1, Math.Ceiling(wait.TotalSeconds))));
    }
}

internal static class RateLimitServices
{
    public static IServiceCollection AddRateLimits(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<RateLimitOptions>().BindConfiguration(RateLimitOptions.Section).ValidateDataAnnotations();
        return services.AddSingleton<RedisConnection>().AddSingleton<SharedCounters>().AddSingleton<RateLimits>();
    }
}
