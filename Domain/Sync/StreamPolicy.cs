namespace FinanceIntegrations.Domain.Sync;

/// <summary>How a stream is read, as data: the provider's facts, which configuration may change.</summary>
public sealed record StreamPolicy
{
    /// <summary>A snapshot: each pass reads everything that there is, and there is no more to know.</summary>
    public static readonly StreamPolicy Snapshot = new() { Delta = false };

    /// <summary>Passes after the first read what is new or changed; false: every pass reads everything.</summary>
    public bool Delta { get; init; } = true;

    /// <summary>A delta looks so far behind what it has seen: rows may show up later than the time that they carry.</summary>
    public TimeSpan Overlap { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The first pass reads so far back, and what is older is history, read afterwards; null: the first pass reads everything.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>History ends so far back; null: at the provider's beginning.</summary>
    public TimeSpan? HistoryDepth { get; init; }

    /// <summary>The schedule reads it no more often; null: at every run.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>After so long everything is read again, for what changed or vanished in silence; null: only when asked for.</summary>
    public TimeSpan? FullEvery { get; init; }

    /// <summary>The same, changed by what configuration says; zero switches window, frequency or full read off.</summary>
    public StreamPolicy With(TimeSpan? window, TimeSpan? historyDepth, TimeSpan? every, TimeSpan? fullEvery) => this with
    {
        Window = Window is null ? null : Changed(Window, window),   // only a connector that can read windows has one
        HistoryDepth = Changed(HistoryDepth, historyDepth),
        Every = Changed(Every, every),
        FullEvery = Delta ? Changed(FullEvery, fullEvery) : null,
    };

    private static TimeSpan? Changed(TimeSpan? own, TimeSpan? set) => set is null ? own : set == TimeSpan.Zero ? null : set;
}

/// <summary>What a pass is about.</summary>
public enum PassMode
{
    /// <summary>What is new or changed since the last pass.</summary>
    Delta,

    /// <summary>The first pass, over the policy's window.</summary>
    Recent,

    /// <summary>Everything.</summary>
    Full,

    /// <summary>What lies behind the first pass's window.</summary>
    History,
}

/// <summary>A pass that is to begin. It is about rows created in [From, Until); null: no such end.</summary>
public readonly record struct PassPlan(PassMode Mode, DateTimeOffset? From = null, DateTimeOffset? Until = null);

/// <summary>Which passes over a stream have come to their end.</summary>
public sealed record StreamPast
{
    public static readonly StreamPast None = new();

    /// <summary>The run that opened the stream last.</summary>
    public Guid RunId { get; init; }

    /// <summary>End of the last pass that was not about history.</summary>
    public DateTimeOffset? LastPassAt { get; init; }

    /// <summary>Since then everything has been read once: by a pass over everything, or by the last page of history.</summary>
    public DateTimeOffset? LastFullAt { get; init; }

    /// <summary>What was created before is history, still to be read; null: there is none left.</summary>
    public DateTimeOffset? HistoryBefore { get; init; }

    /// <summary>Of the history, how much is read: 0–1; null where the provider gives no measure.</summary>
    public double? HistoryProgress { get; init; }
}
