using FinanceIntegrations.Data.Sync;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Providers;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Grains.Sync;

/// <summary>A stream's part of a run.</summary>
/// <param name="Plan">Null: it is not read, see <paramref name="SkippedBecause"/>.</param>
internal sealed record StreamPart(StreamInfo Stream, PassPlan? Plan, string? SkippedBecause = null)
{
    /// <summary>Its row of <c>sync_cursors</c>.</summary>
    public StreamKey KeyOf(Guid integration, RunInProgress run) =>
        new(integration, run.IsHistory ? StreamPasts.HistoryOf(Stream.Id) : Stream.Id, run.Id);
}

/// <summary>Asks Domain what a run reads, given the switches, the policies and what was read before.</summary>
internal sealed class RunPlan(StreamPasts pasts, ProviderFeatures features, IOptions<SyncOptions> options, TimeProvider clock)
{
    public async Task<IReadOnlyList<StreamPart>> OfAsync(ProviderInfo provider, Guid integration, RunInProgress run, CancellationToken cancel)
    {
        var read = await pasts.OfAsync(integration, cancel);
        var now = clock.GetUtcNow();
        var parts = new List<StreamPart>();
        foreach (var stream in provider.Streams.Where(s => run.Streams.Count == 0 || IsAmong(run.Streams, s)))
        {
            var (policy, past) = (options.Value.PolicyOf(provider.Id, stream), read.GetValueOrDefault(stream.Id, StreamPast.None));
            var on = await features.AllowsAsync(provider.Id, stream.Id);
            if (!run.IsHistory) parts.Add(on ? Sync(stream, policy, past, run, now) : new(stream, null, "stream_switched_off"));
            else if (on && StreamPlan.History(policy, past) is { } history) parts.Add(new(stream, history));
        }
        return parts;
    }

    /// <summary>What is left to do when a run has ended: history, and when the first stream is due again.</summary>
    public async Task<(HistoryReading History, DateTimeOffset? FirstDue)> AfterAsync(ProviderInfo provider, Guid integration, CancellationToken cancel)
    {
        var read = await pasts.OfAsync(integration, cancel);
        var streams = new List<(StreamPolicy Policy, StreamPast Past)>();
        foreach (var stream in provider.Streams)
            if (await features.AllowsAsync(provider.Id, stream.Id))
                streams.Add((options.Value.PolicyOf(provider.Id, stream), read.GetValueOrDefault(stream.Id, StreamPast.None)));
        return (StreamPlan.HistoryOf([.. streams.Where(s => HasHistory(s.Policy, s.Past)).Select(s => s.Past)]), StreamPlan.FirstDue(streams));
    }

    /// <summary>Follows a run over history page by page.</summary>
    public async Task<HistoryMeter> MeterAsync(ProviderInfo provider, Guid integration, CancellationToken cancel)
    {
        var read = await pasts.OfAsync(integration, cancel);
        return new(provider.Streams
            .Where(s => HasHistory(options.Value.PolicyOf(provider.Id, s), read.GetValueOrDefault(s.Id, StreamPast.None)))
            .ToDictionary(s => s.Id, s => read.GetValueOrDefault(s.Id, StreamPast.None)));
    }

    private static bool IsAmong(IReadOnlyList<string> asked, StreamInfo stream) =>
        asked.Contains(stream.Id) || (stream.ReadWith is { } other && asked.Contains(other));

    private static bool HasHistory(StreamPolicy policy, StreamPast past) => policy.Window is not null || past.HistoryBefore is not null;

    /// <summary>What this run has opened before it was interrupted, it reads to the end.</summary>
    private static StreamPart Sync(StreamInfo stream, StreamPolicy policy, StreamPast past, RunInProgress run, DateTimeOffset now)
    {
        var plan = StreamPlan.Of(policy, past, run.Full, scheduled: run.Trigger == "schedule" && !IsAmong(run.Asked, stream), now);
        if (plan is null && past.RunId == run.Id) plan = new(PassMode.Delta);
        return plan is null ? new(stream, null, "not_due") : new(stream, plan);
    }
}

/// <summary>How far the history of all streams is, while one of them is being read.</summary>
internal sealed class HistoryMeter(Dictionary<string, StreamPast> streams)
{
    public HistoryReading Read(string stream, double? share, bool ended)
    {
        if (streams.TryGetValue(stream, out var past))
            streams[stream] = past with { HistoryProgress = share, HistoryBefore = ended ? null : past.HistoryBefore };
        return StreamPlan.HistoryOf(streams.Values);
    }
}
