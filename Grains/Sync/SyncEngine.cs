using System.Diagnostics;
using FinanceIntegrations.Data.Sync;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers;
using FinanceIntegrations.Providers.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Grains.Sync;

/// <summary>Runs one integration's sync: each stream page by page, the next page under way while this one is written. Touches no grain state.</summary>
internal sealed partial class SyncEngine(
    SyncStore store, ParkedRows parked, ProviderFeatures features, GrainsTelemetry telemetry, IOptions<SyncOptions> options,
    IOptions<TrustOptions> trust, ILogger<SyncEngine> log)
{
    /// <summary>Runs, or resumes, the run's streams.</summary>
    /// <param name="probes">The breaker is half-open: the provider gets one call, once, and the others only where it answers that.</param>
    /// <exception cref="SupersededException">Another activation works on the same run.</exception>
    /// <exception cref="SwitchedOffException">The operator has switched the provider off.</exception>
    /// <exception cref="Npgsql.NpgsqlException">The database is away: the run stays open and is resumed later.</exception>
    public async Task<RunOutcome> RunAsync(IConnector connector, IAccessSource access, Guid integration, RunInProgress run, bool probes, CancellationToken cancel)
    {
        using var span = telemetry.Spans.StartActivity("sync.run");
        span?.SetTag("integration.id", integration).SetTag("run.id", run.Id).SetTag("provider", connector.Info.Id.Value);
        var streams = run.IsWhole ? connector.Info.Streams : [.. connector.Info.Streams.Where(s => run.Streams.Contains(s.Id))];
        var results = new StreamResult[streams.Count];
        var begun = 0;
        for (var asked = !probes; !asked && begun < results.Length; begun++)
        {
            results[begun] = await RunAsync(begun, once: true, cancel);
            asked = results[begun].Asked;
            if (results[begun].Error is not { ProviderInTrouble: true }) continue;
            while (++begun < results.Length) results[begun] = StreamResult.NotRead(streams[begun].Id, "provider_in_trouble");
        }
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Value.MaxStreamsPerRun, CancellationToken = cancel };
        await Parallel.ForAsync(begun, results.Length, parallel, async (i, token) => results[i] = await RunAsync(i, once: false, token));
        var waiting = await parked.WaitingAsync(integration, connector.Info.Streams, cancel);
        return RunOutcome.Of(run, [.. results.Select(r => r with { Waiting = waiting.GetValueOrDefault(r.Stream) })], trust.Value.PolicyOf);

        async Task<StreamResult> RunAsync(int i, bool once, CancellationToken token) => await features.AllowsAsync(connector.Info.Id, streams[i].Id)
            ? await RunStreamAsync(connector, access, streams[i], new(integration, streams[i].Id, run.Id), run.Full, once, token)
            : StreamResult.NotRead(streams[i].Id, "stream_switched_off");
    }

    private async Task<StreamResult> RunStreamAsync(
        IConnector connector, IAccessSource access, StreamInfo stream, StreamKey key, bool full, bool once, CancellationToken cancel)
    {
        using var span = telemetry.Spans.StartActivity("sync.stream");
        span?.SetTag("stream", stream.Id);
        var progress = await store.OpenAsync(key, cancel);
        if (progress.Ended) return Read(progress) with { Asked = false };
        var calls = new CallCount();

        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var next = FirstAsync();
        try
        {
            while (true)
            {
                var fetched = await next;
                if (fetched.Error is { } error) return Failed(stream, progress, error, calls);
                var page = fetched.Value;
                if (!page.EndOfPass && page.Cursor == progress.Cursor)
                    return Failed(stream, progress, new(ErrorClass.Validation, "cursor_stuck", "The provider answers the same page again."), calls);

                var more = !page.EndOfPass || progress.Continues;
                if (more) next = FetchAsync(connector, access, stream, page.Cursor, false, calls, abandoned.Token);
                progress = await store.CommitAsync(key, progress, stream.Kind, page, calls.Take(), cancel) ?? throw new SupersededException(key.RunId);
                telemetry.PageWritten(connector.Info.Id, stream.Id, page.Records.Count, page.Rejected.Count);
                if (!more) return Read(progress);
            }
        }
        finally
        {
            await abandoned.CancelAsync();
            await next.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        StreamResult Read(StreamProgress read) => new(stream.Id, read, null)
        {
            Pass = read.Pass is { } pass ? new(pass.Shown, pass.Least, Held: null, Missing: 0) : null,
        };

        async Task<ProviderResult<SyncPage>> FirstAsync()
        {
            using var attempts = once ? Attempts.One() : null;
            return await FetchAsync(connector, access, stream, progress.Cursor, full && progress.Pages == 0, calls, abandoned.Token);
        }
    }

    /// <summary>One page. A refused credential is renewed once per call; what then still fails is the stream's error.</summary>
    private async Task<ProviderResult<SyncPage>> FetchAsync(
        IConnector connector, IAccessSource access, StreamInfo stream, string? cursor, bool full, CallCount calls, CancellationToken cancel)
    {
        if (!await features.AllowsAsync(connector.Info.Id)) throw new SwitchedOffException(connector.Info.Id);
        using var span = telemetry.Spans.StartActivity("sync.fetch", ActivityKind.Client);
        var credential = await access.GetAsync(cancel);
        calls.Add();
        var page = await connector.FetchPageAsync(new(credential, stream.Id, cursor, full), cancel);
        if (page.Error is { Class: ErrorClass.Authentication, OwnCredential: false } refusal)
        {
            var renewed = await access.RenewAsync(refusal, cancel);
            if (renewed.Ok) calls.Add();
            page = renewed.Ok ? await connector.FetchPageAsync(new(renewed.Value, stream.Id, cursor, full), cancel) : renewed.Error!;
        }
        if (page.Error is { } error) span?.SetStatus(ActivityStatusCode.Error, error.Code);
        return page;
    }

    private StreamResult Failed(StreamInfo stream, StreamProgress progress, ProviderError error, CallCount calls)
    {
        LogStreamFailed(stream.Id, ErrorClasses.Name(error.Class), error.Code, error.HttpStatus, error.RequestId);
        return new(stream.Id, progress, error) { MoreCalls = calls.Take() };
    }

    /// <summary>Calls that no page is written for yet; one may be under way while another page is written.</summary>
    private sealed class CallCount
    {
        private int _calls;

        public void Add() => Interlocked.Increment(ref _calls);

        public int Take() => Interlocked.Exchange(ref _calls, 0);
    }
}

/// <summary>Where a run's credentials come from: the grain, which alone may refresh them.</summary>
internal interface IAccessSource
{
    ValueTask<ProviderAccess> GetAsync(CancellationToken cancel);

    /// <summary>New credentials in place of refused ones, or why there are none: the refresh's own error, else the refusal.</summary>
    Task<ProviderResult<ProviderAccess>> RenewAsync(ProviderError refusal, CancellationToken cancel);
}

internal sealed class SwitchedOffException(ProviderId provider) : Exception($"{provider} is switched off.");

internal sealed class SupersededException(Guid run) : Exception($"Run {run} is worked on elsewhere.");
