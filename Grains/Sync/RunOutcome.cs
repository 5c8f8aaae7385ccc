using System.Globalization;
using FinanceIntegrations.Data.Sync;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;

namespace FinanceIntegrations.Grains.Sync;

/// <param name="Error">Null: read to its end, or not read at all.</param>
internal sealed record StreamResult(string Stream, StreamProgress Progress, ProviderError? Error)
{
    /// <summary>Why this run does not read the stream; null: it does.</summary>
    public string? SkippedBecause { get; init; }

    /// <summary>The provider was called for it; false: this run had read it to its end before it was interrupted, or does not read it.</summary>
    public bool Asked { get; init; } = true;

    /// <summary>Parked rows of the stream that wait for somebody, whichever run parked them.</summary>
    public long Waiting { get; init; }

    public PassFindings? Pass { get; init; }

    public IReadOnlyList<TotalFinding>? Totals { get; init; }

    public PayoutFindings? Payouts { get; init; }

    /// <summary>Rows that the provider no longer shows, marked deleted.</summary>
    public long Deleted { get; init; }

    /// <summary>Calls of this run that no page is written for.</summary>
    public long MoreCalls { get; init; }

    public StreamFindings Findings => new()
    {
        Stream = Stream,
        Failure = Error?.Message,
        Parked = Progress.Parked,
        Waiting = Waiting,
        Pass = Pass,
        Totals = Totals,
        Payouts = Payouts,
    };

    /// <summary>History that was left in the middle, because something else was due.</summary>
    public bool Paused { get; init; }

    public static StreamResult NotRead(string stream, string because) => new(stream, new(), null) { SkippedBecause = because, Asked = false };
}

/// <summary>What a run came to.</summary>
/// <param name="IsWhole">It was about all streams, not about some that were asked for.</param>
internal sealed record RunOutcome(string Status, string Message, IReadOnlyList<StreamOutcome> Streams, ProviderError? Worst, bool IsWhole)
{
    public long SyncedRecords => Streams.Sum(s => s.Written);

    public IReadOnlyList<RunReason> Reasons { get; init; } = [];

    public IReadOnlyList<Doubt> Cleared { get; init; } = [];

    /// <summary>Payouts that do not add up.</summary>
    public IReadOnlyList<PayoutFinding> Payouts { get; init; } = [];

    /// <summary>What is left of history; null where the run did not get so far as to look.</summary>
    public HistoryReading? History { get; init; }

    /// <summary>When the first of the streams is due by its own frequency; null: at every run.</summary>
    public DateTimeOffset? FirstStreamDue { get; init; }

    /// <summary>The scarcest of the account's call budgets; null: there is enough.</summary>
    public ScarceBudget? Scarce { get; init; }

    /// <summary>A success only where every stream was read and nothing of it is in doubt.</summary>
    public static RunOutcome Of(RunInProgress run, IReadOnlyList<StreamResult> results, HistoryReading history, Func<string, TrustPolicy> policyOf)
    {
        var failed = results.Where(r => r.Error is not null).ToList();
        var read = results.Count(r => r.SkippedBecause is null);
        var verdicts = results.Select(r => r.SkippedBecause is null ? Trust.Judge(r.Findings, policyOf(r.Stream)) : Verdict.None).ToList();
        RunReason[] reasons = [.. verdicts.SelectMany(v => v.Reasons)];
        var status = failed.Count > 0 && failed.Count == read ? "failed" : reasons.Length > 0 ? "partial" : "succeeded";
        var worst = ErrorClasses.Worst(failed.Select(f => f.Error!));
        var written = results.Sum(r => r.Progress.Written);
        var message = worst is not null
            ? $"{failed.Count} of {read} streams failed: {worst.Message}"
            : string.Join(' ', reasons.Select(r => r.Message).Prepend($"{written} records written."));
        if (run.IsHistory && worst is null)
            message += history.Left == 0 ? " History is read." : string.Create(CultureInfo.InvariantCulture, $" History is read to {history.Progress:P0} and goes on.");
        return new(status, message, [.. results.Select((r, i) => Stream(r, verdicts[i]))], worst, run.IsWhole)
        {
            History = history,
            Reasons = reasons,
            Cleared = [.. verdicts.SelectMany(v => v.Cleared)],
            Payouts = [.. results.SelectMany(r => r.Payouts?.Payouts ?? [])],
        };
    }

    /// <summary>A run that never reached its streams.</summary>
    public static RunOutcome Failed(RunInProgress run, ProviderError error) => new("failed", error.Message, [], error, run.IsWhole)
    {
        Reasons = [new(Trust.StreamFailed, null, error.Message)],
    };

    private static double? Percent(double? share) => share is { } known ? Math.Round(100 * known, 1) : null;

    private static StreamOutcome Stream(StreamResult result, Verdict verdict) => new()
    {
        Stream = result.Stream,
        Status = result.SkippedBecause is not null ? "skipped" : result.Error is not null ? "failed" : result.Paused ? "paused" : verdict.Reasons.Count > 0 ? "partial" : "succeeded",
        SkippedBecause = result.SkippedBecause,
        Mode = result.SkippedBecause is null ? result.Progress.Mode.ToString().ToLowerInvariant() : null,
        Percent = result.Progress.Mode == PassMode.History ? Percent(result.Progress.Share) : null,
        Seen = result.Progress.Seen,
        Written = result.Progress.Written,
        Changed = result.Progress.Changed,
        Skipped = result.Progress.Seen - result.Progress.Written - result.Progress.Parked,
        Parked = result.Progress.Parked,
        Deleted = result.Deleted,
        Pages = result.Progress.Pages,
        Calls = result.Progress.Calls + result.MoreCalls,
        Bytes = result.Progress.Bytes,
        ErrorClass = result.Error is { } e ? ErrorClasses.Name(e.Class) : null,
        ErrorCode = result.Error?.Code,
        ErrorMessage = result.Error?.Message,
    };
}
