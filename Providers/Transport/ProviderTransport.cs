using System.Buffers;
using System.Threading.RateLimiting;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Providers;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.RateLimiting;
using Polly.Retry;
using Polly.Telemetry;

namespace FinanceIntegrations.Providers.Transport;

/// <summary>
/// One provider's calls: within its call budgets, limited in number at once and in time, safe reads tried again at most twice. Whatever goes
/// wrong on the way is a <see cref="ProviderError"/>; whatever the provider answers is an answer. An attempt lasts until the body's last byte.
/// </summary>
/// <remarks>Runs on the machine's clock: a test that moves time must not move time-outs.</remarks>
internal sealed class ProviderTransport : IDisposable
{
    private readonly Func<HttpClient> _client;
    private readonly TransportLimits _limits;
    private readonly RateLimiter _concurrency;
    private readonly Func<bool, BudgetStrategy>? _budgets;
    private readonly ResiliencePipeline<ProviderAnswer> _reads;
    private readonly ResiliencePipeline<ProviderAnswer> _once;

    /// <param name="name">The provider's id.</param>
    /// <param name="retries">Does the provider's answer deserve another attempt, if the call was a read?</param>
    /// <param name="signs">What the provider's answer says of limits.</param>
    /// <param name="budgets">Null: this process keeps none.</param>
    public ProviderTransport(
        string name, Func<HttpClient> client, TransportLimits limits, Func<ProviderAnswer, bool> retries, Func<ProviderAnswer, RateSigns> signs,
        ICallBudgets? budgets, ILoggerFactory loggers)
    {
        _client = client;
        _limits = limits;
        _concurrency = new ConcurrencyLimiter(new() { PermitLimit = limits.ConcurrentCalls, QueueLimit = int.MaxValue });
        if (budgets is not null && limits.Of(name) is { Limits.Count: > 0 } rules) _budgets = ahead => new(budgets, rules, signs, ahead);
        var telemetry = new TelemetryOptions { LoggerFactory = loggers };
        _reads = Reads(name, retries, telemetry);
        var once = new ResiliencePipelineBuilder<ProviderAnswer> { Name = name, InstanceName = "once" };
        _once = Guarded(once.ConfigureTelemetry(telemetry)).Build();
    }

    /// <summary>A safe call: repeated where it makes sense, and <see cref="Attempts.One"/> does not forbid it.</summary>
    /// <param name="caller">Whose budgets it counts for, and how urgent it is.</param>
    /// <param name="request">Makes the request, once per attempt.</param>
    public Task<ProviderResult<ProviderAnswer>> ReadAsync(Caller caller, Func<HttpRequestMessage> request, CancellationToken cancel) =>
        CallAsync(Attempts.OnlyOne ? _once : _reads, caller, request, write: false, cancel);

    /// <summary>A call that changes something: sent once. Where it may have arrived and no answer came, the outcome is unknown.</summary>
    public Task<ProviderResult<ProviderAnswer>> WriteAsync(Caller caller, Func<HttpRequestMessage> request, CancellationToken cancel) =>
        CallAsync(_once, caller, request, write: true, cancel);

    public void Dispose() => _concurrency.Dispose();

    private async Task<ProviderResult<ProviderAnswer>> CallAsync(
        ResiliencePipeline<ProviderAnswer> pipeline, Caller caller, Func<HttpRequestMessage> request, bool write, CancellationToken cancel)
    {
        var context = ResilienceContextPool.Shared.Get(cancel);
        context.Properties.Set(BudgetStrategy.Caller, caller);
        try
        {
            return await pipeline.ExecuteAsync(
                static async (context, call) => await call.Transport.SendAsync(call.Request, context.CancellationToken),
                context, (Transport: this, Request: request));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception error) when (TransportErrors.Classify(error, write) is { } known)
        {
            return known;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async Task<ProviderAnswer> SendAsync(Func<HttpRequestMessage> make, CancellationToken cancel)
    {
        var started = TimeProvider.System.GetTimestamp();
        using var request = make();
        using var response = await _client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        var body = await ReadBodyAsync(response.Content, cancel);
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        return new((int)response.StatusCode, response.Headers, body, TimeProvider.System.GetUtcNow(), elapsed);
    }

    private async Task<byte[]> ReadBodyAsync(HttpContent content, CancellationToken cancel)
    {
        await using var stream = await content.ReadAsStreamAsync(cancel);
        if (content.Headers.ContentLength is not { } length) return await ReadToEndAsync(stream, cancel);
        if (length > _limits.LongestBody) throw new BodyTooLongException();
        var body = GC.AllocateUninitializedArray<byte>((int)length);
        await stream.ReadExactlyAsync(body, cancel);
        return body;
    }

    private async Task<byte[]> ReadToEndAsync(Stream stream, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            var length = 0;
            while (await stream.ReadAsync(buffer.AsMemory(length), cancel) is var read and > 0)
            {
                length += read;
                if (length > _limits.LongestBody) throw new BodyTooLongException();
                if (length < buffer.Length) continue;
                var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                buffer.AsSpan().CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }
            return buffer[..length];
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private ResiliencePipeline<ProviderAnswer> Reads(string name, Func<ProviderAnswer, bool> retries, TelemetryOptions telemetry)
    {
        var builder = new ResiliencePipelineBuilder<ProviderAnswer> { Name = name, InstanceName = "reads" }
            .ConfigureTelemetry(telemetry);
        if (_budgets is { } budgets) builder.AddStrategy(_ => budgets(true), new FirstTurn());
        builder.AddTimeout(_limits.TotalTimeout);
        if (_limits.MaxRetries > 0)
            builder.AddRetry(new RetryStrategyOptions<ProviderAnswer>
            {
                MaxRetryAttempts = _limits.MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = _limits.RetryDelay,
                MaxDelay = _limits.LongestRetryDelay,
                ShouldHandle = args => ValueTask.FromResult(args.Outcome switch
                {
                    { Result: { } answer } => retries(answer) && !(answer.RetryAfter > _limits.LongestRetryDelay),
                    { Exception: { } error } => TransportErrors.IsTransient(error),
                    _ => false,
                }),
                DelayGenerator = args => ValueTask.FromResult(args.Outcome.Result?.RetryAfter),
            });
        return Guarded(builder).Build();
    }

    /// <summary>What every attempt passes: its turn in the budgets, the limit of calls at once, its own time-out.</summary>
    private ResiliencePipelineBuilder<ProviderAnswer> Guarded(ResiliencePipelineBuilder<ProviderAnswer> builder)
    {
        if (_budgets is { } budgets) builder.AddStrategy(_ => budgets(false), new Turn());
        return builder
            .AddRateLimiter(new RateLimiterStrategyOptions
            {
                Name = "concurrency",
                RateLimiter = args => _concurrency.AcquireAsync(1, args.Context.CancellationToken),
            })
            .AddTimeout(_limits.AttemptTimeout);
    }

    private sealed class FirstTurn : ResilienceStrategyOptions
    {
        public FirstTurn() => Name = "first turn";
    }

    private sealed class Turn : ResilienceStrategyOptions
    {
        public Turn() => Name = "turn";
    }
}
