namespace FinanceIntegrations.Domain.Sync;

/// <summary>Which streams a run reads, and how, given what has been read before. Values in, values out.</summary>
public static class StreamPlan
{
    /// <summary>The pass of a sync run over a stream; null: the stream is not due.</summary>
    /// <param name="full">Somebody wants everything read again.</param>
    /// <param name="scheduled">The schedule began the run, not a person or a webhook: the stream's own frequency holds.</param>
    public static PassPlan? Of(StreamPolicy policy, StreamPast past, bool full, bool scheduled, DateTimeOffset now)
    {
        if (full || !policy.Delta) return full || IsDue(policy, past, scheduled, now) ? new(PassMode.Full) : null;
        if (past.LastPassAt is null) return policy.Window is { } window ? new(PassMode.Recent, From: now - window) : new(PassMode.Full);
        if (!IsDue(policy, past, scheduled, now)) return null;
        return IsFullDue(policy, past, now) ? new(PassMode.Full) : new(PassMode.Delta);
    }

    /// <summary>The pass over a stream's history; null: there is nothing left to read, or nothing yet.</summary>
    public static PassPlan? History(StreamPolicy policy, StreamPast past) =>
        past is { LastPassAt: not null, HistoryBefore: { } before }
            ? new(PassMode.History, before + (policy.Window ?? TimeSpan.Zero) - policy.HistoryDepth, before)
            : null;

    /// <summary>When the schedule has something to read again; null: at every run.</summary>
    public static DateTimeOffset? FirstDue(IEnumerable<(StreamPolicy Policy, StreamPast Past)> streams)
    {
        DateTimeOffset? first = null;
        foreach (var (policy, past) in streams)
        {
            if (policy.Every is not { } every || past.LastPassAt is not { } last) return null;
            if (first is null || last + every < first) first = last + every;
        }
        return first;
    }

    /// <summary>How far the history of some streams is read.</summary>
    /// <param name="streams">Those that have, or had, a window.</param>
    public static HistoryReading HistoryOf(IReadOnlyCollection<StreamPast> streams)
    {
        if (streams.Count == 0) return new(Left: 0, Progress: 1);
        var left = streams.Count(s => s.HistoryBefore is not null);
        var read = streams.Sum(s => s.HistoryBefore is null ? 1 : Math.Clamp(s.HistoryProgress ?? 0, 0, 1));
        return new(left, left == 0 ? 1 : Math.Min(read / streams.Count, 0.999));   // all of it only when nothing is left
    }

    private static bool IsDue(StreamPolicy policy, StreamPast past, bool scheduled, DateTimeOffset now) =>
        !scheduled || policy.Every is not { } every || past.LastPassAt is not { } last || now >= last + every;

    /// <summary>Not while history is being read: that shows everything too.</summary>
    private static bool IsFullDue(StreamPolicy policy, StreamPast past, DateTimeOffset now) =>
        policy.FullEvery is { } every && past.HistoryBefore is null && (past.LastFullAt is not { } last || now >= last + every);
}

/// <param name="Left">Streams with history that is not read to its end.</param>
/// <param name="Progress">Mean of the streams': 0–1, and 1 only where nothing is left. A stream without a measure counts when it is read.</param>
public readonly record struct HistoryReading(int Left, double Progress);
