using FinanceIntegrations.Data.Sync;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;

namespace FinanceIntegrations.Grains.Sync;

/// <param name="Error">Null: read to its end, or not read at all.</param>
internal sealed record StreamResult(string Stream, StreamProgress Progress, ProviderError? Error)
{
    /// <summary>Why this run does not read the stream; null: it does.</summary>
    public string? SkippedBecause { get; init; }

    public static StreamResult NotRead(string stream, string because) => new(stream, new(), null) { SkippedBecause = because };
}

/// <summary>What a run came to.</summary>
/// <param name="IsWhole">It was about all streams, not about some that were asked for.</param>
internal sealed record RunOutcome(string Status, string Message, IReadOnlyList<StreamOutcome> Streams, ProviderError? Worst, bool IsWhole)
{
    public long SyncedRecords => Streams.Sum(s => s.Written);

    public static RunOutcome Of(RunInProgress run, IReadOnlyList<StreamResult> results)
    {
        var failed = results.Where(r => r.Error is not null).ToList();
        var parked = results.Sum(r => r.Progress.Parked);
        var read = results.Count(r => r.SkippedBecause is null);
        var status = failed.Count == 0 ? (parked == 0 ? "succeeded" : "partial") : failed.Count < read ? "partial" : "failed";
        var worst = ErrorClasses.Worst(failed.Select(f => f.Error!));
        var written = results.Sum(r => r.Progress.Written);
        var message = worst is not null
            ? $"{failed.Count} of {read} streams failed: {worst.Message}"
            : parked > 0 ? $"{written} records written; {parked} rows do not fit and are parked." : $"{written} records written.";
        return new(status, message, [.. results.Select(Stream)], worst, run.IsWhole);
    }

    /// <summary>A run that never reached its streams.</summary>
    public static RunOutcome Failed(RunInProgress run, ProviderError error) => new("failed", error.Message, [], error, run.IsWhole);

    private static StreamOutcome Stream(StreamResult result) => new()
    {
        Stream = result.Stream,
        Status = result.SkippedBecause is not null ? "skipped" : result.Error is not null ? "failed" : result.Progress.Parked > 0 ? "partial" : "succeeded",
        SkippedBecause = result.SkippedBecause,
        Seen = result.Progress.Seen,
        Written = result.Progress.Written,
        Parked = result.Progress.Parked,
        Pages = result.Progress.Pages,
        Bytes = result.Progress.Bytes,
        ErrorClass = result.Error is { } e ? ErrorClasses.Name(e.Class) : null,
        ErrorCode = result.Error?.Code,
        ErrorMessage = result.Error?.Message,
    };
}
