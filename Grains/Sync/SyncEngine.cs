using System.Diagnostics;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Data.Sync;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers;
using FinanceIntegrations.Providers.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Grains.Sync;

/// <summary>Runs one integration's sync: each stream page by page, the next page under way while this one is written. Touches no grain state.</summary>
internal sealed partial class SyncEngine(
    SyncStore store, ParkedRows parked, FollowedPayouts followed, RunPlan plans, StreamReview review, CallBudgetReader budgets, ProviderFeatures features, GrainsTelemetry telemetry,
    IOptions<SyncOptions> options,
    IOptions<TrustOptions> trust, TimeProvider clock, ILogger<SyncEngine> log)
{
    /// <summary>Runs, or resumes, the run's streams.</summary>
    /// <exception cref="SupersededException">Another activation works on the same run.</exception>
    /// <exception cref="SwitchedOffException">The operator has switched the provider off.</exception>
    /// <exception cref="Npgsql.NpgsqlException">The database is away: the run stays open and is resumed later.</exception>
    public async Task<RunOutcome> RunAsync(RunTask task, CancellationToken cancel)
    {
        var (connector, _, integration, run) = task;
        using var span = telemetry.Spans.StartActivity("sync.run");
        span?.SetTag("integration.id", integration).SetTag("run.id", run.Id).SetTag("provider", connector.Info.Id.Value);
        var parts = await plans.OfAsync(connector.Info, integration, run, cancel);
        var results = run.IsHistory
            ? await HistoryAsync(task, parts, cancel)
            : await StreamsAsync(task, parts, cancel);
        results = [.. await Task.WhenAll(results.Select(r => review.PayoutsAsync(connector, integration, r, cancel)))];
        var waiting = await parked.WaitingAsync(integration, connector.Info.Streams, cancel);
        var (history, firstDue) = await plans.AfterAsync(connector.Info, integration, cancel);
        results = [.. results.Select(r => r with { Waiting = waiting.GetValueOrDefault(r.Stream) })];
        return RunOutcome.Of(run, results, history, trust.Value.PolicyOf) with
        {
            FirstStreamDue = firstDue,
            Scarce = await ScarcestAsync(connector.Info.Id, task.Account, cancel),
        };
    }

    private async Task<ScarceBudget?> ScarcestAsync(ProviderId provider, string? account, CancellationToken cancel) =>
        (await budgets.OfAccountAsync(provider.Value, account ?? "", cancel))
            .Select(b => ScarceBudget.Of(b.Left, b.Calls, b.Per, b.RefillsAt))
            .OfType<ScarceBudget>().MinBy(b => (double)b.Left / b.Calls);

    private async Task<IReadOnlyList<StreamResult>> StreamsAsync(RunTask task, IReadOnlyList<StreamPart> parts, CancellationToken cancel)
    {
        var results = new StreamResult[parts.Count];
        var begun = 0;
        for (var asked = !task.Probes; !asked && begun < results.Length; begun++)
        {
            results[begun] = await PartAsync(parts[begun], once: true, cancel);
            asked = results[begun].Asked;
            if (results[begun].Error is not { ProviderInTrouble: true }) continue;
            while (++begun < results.Length) results[begun] = StreamResult.NotRead(parts[begun].Stream.Id, "provider_in_trouble");
        }
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Value.MaxStreamsPerRun, CancellationToken = cancel };
        await Parallel.ForAsync(begun, results.Length, parallel, async (i, token) => results[i] = await PartAsync(parts[i], once: false, token));
        return results;

        async Task<StreamResult> PartAsync(StreamPart part, bool once, CancellationToken token) => part.Plan is { } plan
            ? await RunStreamAsync(task, part, plan, once, static _ => { }, token)
            : StreamResult.NotRead(part.Stream.Id, part.SkippedBecause!);
    }

    /// <summary>One stream after the other, at least a page of it: nobody waits for it. The first failure ends the run; its retry goes on from there.</summary>
    private async Task<IReadOnlyList<StreamResult>> HistoryAsync(RunTask task, IReadOnlyList<StreamPart> parts, CancellationToken cancel)
    {
        var meter = await plans.MeterAsync(task.Connector.Info, task.Integration, cancel);
        var results = new List<StreamResult>();
        foreach (var part in parts.TakeWhile(_ => (results.Count == 0 || !task.Pause.Asked) && results.All(r => r.Error is null)))
            results.Add(await RunStreamAsync(task, part, part.Plan!.Value, once: task.Probes && results.Count == 0,
                read => task.Report(meter.Read(part.Stream.Id, read.Share, read.Ended)), cancel));
        return results;
    }

    /// <param name="once">The breaker is half-open: the first page is asked for once.</param>
    private async Task<StreamResult> RunStreamAsync(
        RunTask task, StreamPart part, PassPlan plan, bool once, Action<StreamProgress> report, CancellationToken cancel)
    {
        var (connector, access, pause, stream) = (task.Connector, task.Access, task.Pause, part.Stream);
        var key = part.KeyOf(task.Integration, task.Run);
        using var span = telemetry.Spans.StartActivity("sync.stream");
        span?.SetTag("stream", stream.Id);
        var progress = await store.OpenAsync(key, plan, cancel);
        if (progress.Ended) return await review.ReviewAsync(connector, access, stream, key, progress, before: null, cancel) with { Asked = false };
        report(progress);
        var calls = new CallCount();
        var (began, nothingDue) = (clock.GetUtcNow(), stream.FollowsPayouts);
        IReadOnlyList<FollowedPayout> taken = [];   // for the page that is asked for
        // Only what one run reads from its first page to its last can be held against totals. A probe makes one call, the stream's own.
        var readsAll = !once && progress is { Mode: PassMode.Full, Anew: true };
        var totals = readsAll ? await review.TotalsAsync(connector, access, stream, cancel) : null;
        if (totals is not null) calls.Add();

        using var abandoned = CancellationTokenSource.CreateLinkedTokenSource(cancel, pause.Now);
        var next = FirstAsync();
        try
        {
            while (true)
            {
                var fetched = await next;
                if (fetched.Error is { } error)
                {
                    if (taken.Count > 0) await followed.NoteAsync(key.IntegrationId, [.. taken.Select(one => (one, (DateTimeOffset?)began))], cancel);   // the next try's
                    return Failed(stream, progress, error, calls);
                }
                var page = fetched.Value;
                if (!page.EndOfPass && page.Cursor == progress.Cursor)
                    return Failed(stream, progress, new(ErrorClass.Validation, "cursor_stuck", "The provider answers the same page again."), calls);

                var more = !page.EndOfPass || progress.Continues;
                var yields = more && plan.Mode == PassMode.History && pause.Asked;
                if (more && !yields) next = AskAsync(Following(stream, plan, progress, page));
                progress = await store.CommitAsync(key, progress, stream.Kind, page, calls.Take(), cancel) ?? throw new SupersededException(key.RunId);
                if (page.Followed.Count > 0) await NoteAsync(key.IntegrationId, page, cancel);
                nothingDue &= page.Followed.Count == 0;
                telemetry.PageWritten(connector.Info.Id, stream.Id, page.Records.Count, page.Rejected.Count);
                report(progress);
                if (yields) return Read(progress) with { Paused = true };
                if (more) continue;
                var result = await review.ReviewAsync(connector, access, stream, key, progress, totals, cancel);
                return nothingDue ? result with { SkippedBecause = "nothing_due", Asked = false } : result;   // nobody was called: it shows nothing of the provider
            }
        }
        catch (OperationCanceledException) when (pause.Now.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return Read(progress) with { Paused = true, MoreCalls = calls.Take() };
        }
        finally
        {
            await abandoned.CancelAsync();
            await next.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        StreamResult Read(StreamProgress read) => new(stream.Id, read, null);

        async Task<ProviderResult<SyncPage>> FirstAsync()
        {
            using var attempts = once ? Attempts.One() : null;
            return await AskAsync(First(stream, plan, progress));
        }

        async Task<ProviderResult<SyncPage>> AskAsync(PageAsk ask)
        {
            if (stream.FollowsPayouts) ask = ask with { Payouts = taken = await followed.TakeAsync(key.IntegrationId, began, abandoned.Token) };
            return await FetchAsync(connector, access, ask, calls, abandoned.Token);
        }
    }

    /// <summary>When the payouts that the page was about are read next. Cut off before, they are read again.</summary>
    private Task NoteAsync(Guid integration, SyncPage page, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var statuses = page.Records.OfType<Payout>().ToDictionary(payout => payout.ExternalId, payout => payout.Status);
        return followed.NoteAsync(
            integration, [.. page.Followed.Select(one => (one, PayoutFollowing.NextReadAt(statuses.GetValueOrDefault(one.Id), one.Since, now)))], cancel);
    }

    /// <summary>The page at which this run begins, or goes on where an earlier one has left off.</summary>
    private static PageAsk First(StreamInfo stream, PassPlan plan, StreamProgress progress) =>
        new(stream.Id, progress.Cursor, progress is { Mode: PassMode.Full, Anew: true }, From(plan, progress), plan.Until);

    /// <summary>The page after this one; after a pass that an earlier run began, the first of a delta.</summary>
    private static PageAsk Following(StreamInfo stream, PassPlan plan, StreamProgress progress, SyncPage page) => page.EndOfPass
        ? new(stream.Id, page.Cursor, false, null, null)
        : new(stream.Id, page.Cursor, false, From(plan, progress), plan.Until);

    private static DateTimeOffset? From(PassPlan plan, StreamProgress progress) => progress.Mode switch
    {
        PassMode.Recent => progress.From,   // as it was when the pass began
        PassMode.History => plan.From,
        _ => null,
    };

    /// <summary>One page. A refused credential is renewed once per call; what then still fails is the stream's error.</summary>
    private async Task<ProviderResult<SyncPage>> FetchAsync(
        IConnector connector, IAccessSource access, PageAsk ask, CallCount calls, CancellationToken cancel)
    {
        if (!await features.AllowsAsync(connector.Info.Id)) throw new SwitchedOffException(connector.Info.Id);
        using var span = telemetry.Spans.StartActivity("sync.fetch", ActivityKind.Client);
        var credential = await access.GetAsync(cancel);
        if (ask.Payouts is not { Count: 0 }) calls.Add();
        var page = await connector.FetchPageAsync(ask.With(credential), cancel);
        if (page.Error is { Class: ErrorClass.Authentication, OwnCredential: false } refusal)
        {
            var renewed = await access.RenewAsync(refusal, cancel);
            if (renewed.Ok) calls.Add();
            page = renewed.Ok ? await connector.FetchPageAsync(ask.With(renewed.Value), cancel) : renewed.Error!;
            if (renewed.Ok && connector.Info.Tokens.Own && page.Error is { Class: ErrorClass.Authentication } again) page = again with { OwnCredential = true };
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

    /// <summary>A page to be asked for, with whatever credential.</summary>
    private sealed record PageAsk(string Stream, string? Cursor, bool Full, DateTimeOffset? From, DateTimeOffset? Until)
    {
        /// <summary>Null: the stream follows none.</summary>
        public IReadOnlyList<FollowedPayout>? Payouts { get; init; }

        public PageRequest With(ProviderAccess access) => new(access, Stream, Cursor, Full) { From = From, Until = Until, Payouts = Payouts ?? [] };
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
