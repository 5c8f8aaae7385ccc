using FinanceIntegrations.Data.Sync;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Grains.Sync;

/// <summary>Looks at what a stream's last pass has shown: against what we hold, and against what the provider says it comes to.</summary>
internal sealed partial class StreamReview(WholePasses passes, PayoutSums sums, IOptions<TrustOptions> trust, ILogger<StreamReview> log)
{
    /// <summary>The provider's totals before a pass over everything; null: it has none, or they cannot be read.</summary>
    public async Task<StreamTotals?> TotalsAsync(IConnector connector, IAccessSource access, StreamInfo stream, CancellationToken cancel)
    {
        if (connector is not IKnowsTotals knowing || !knowing.HasTotals(stream.Id)) return null;
        var totals = await knowing.TotalsAsync(await access.GetAsync(cancel), stream.Id, cancel);
        if (totals.Error is not { } error) return totals.Value;
        LogTotalsNotRead(stream.Id, ErrorClasses.Name(error.Class), error.Code);   // not compared: the rows stand for themselves
        return null;
    }

    /// <summary>Judges the pass that has ended. Rows that it did not show are marked deleted where that is plausible, and left alone where it is not.</summary>
    /// <param name="before">The provider's totals as the pass began.</param>
    public async Task<StreamResult> ReviewAsync(
        IConnector connector, IAccessSource access, StreamInfo stream, StreamKey key, StreamProgress read, StreamTotals? before, CancellationToken cancel)
    {
        var result = new StreamResult(stream.Id, read, null);
        if (read.Pass is { Whole: true } whole)
        {
            var (held, missing) = await passes.CompareAsync(key.IntegrationId, stream, cancel);
            var pass = new PassFindings(whole.Shown, whole.Least, held, missing);
            var believed = Trust.BelievesMissing(pass, trust.Value.PolicyOf(stream.Id));
            if (!believed) await passes.DoubtAsync(key.IntegrationId, stream, CancellationToken.None);
            result = result with { Pass = pass, Deleted = believed ? await passes.BelieveAsync(key.IntegrationId, stream, CancellationToken.None) : 0 };
        }
        else if (read.Pass is { } delta)
        {
            result = result with { Pass = new(delta.Shown, delta.Least, Held: null, Missing: 0) };
        }
        return before is null ? result : result with { Totals = await CompareAsync(connector, access, stream, key, before, cancel), MoreCalls = 1 };
    }

    /// <summary>Holds paid payouts against their entries, once the run's streams have ended: of a stream that tells entries and was read.</summary>
    public async Task<StreamResult> PayoutsAsync(IConnector connector, Guid integration, StreamResult result, CancellationToken cancel) =>
        result is { SkippedBecause: null, Error: null } && connector.Info.Streams.Any(s => s.Id == result.Stream && s.TellsEntries)
            ? result with { Payouts = await sums.JudgeAsync(integration, result.Stream, cancel) }
            : result;

    /// <summary>Null: the money moved while we read, or parked rows leave us short; then nothing can be said.</summary>
    private async Task<IReadOnlyList<TotalFinding>?> CompareAsync(
        IConnector connector, IAccessSource access, StreamInfo stream, StreamKey key, StreamTotals before, CancellationToken cancel)
    {
        if (await passes.NetAsync(key.IntegrationId, stream, cancel) is not { } ours) return null;
        return await TotalsAsync(connector, access, stream, cancel) is { } after && after.Same(before) ? after.Compare(ours) : null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The provider's totals of {Stream} could not be read: {ErrorClass}, {Code}")]
    private partial void LogTotalsNotRead(string stream, string errorClass, string code);
}
