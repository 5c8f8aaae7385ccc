using System.Text.Json.Serialization;

namespace FinanceIntegrations.Data.Reading;

/// <summary>A sync run as the API shows it.</summary>
public sealed record Run
{
    public required Guid RunId { get; init; }

    /// <summary>Null until the run has ended.</summary>
    public bool? Success => EndedAt is null ? null : Status == "succeeded";

    /// <summary>queued, running, succeeded, partial, failed or cancelled.</summary>
    public required string Status { get; init; }

    /// <summary>Rows that were new or had changed; of a running run, so far.</summary>
    public required long SyncedRecords { get; init; }
    public required string Message { get; init; }
    public required IReadOnlyList<RunStream> Streams { get; init; }

    /// <summary>Why it is no plain success; empty where it is, or while it runs.</summary>
    public required IReadOnlyList<RunDoubt> Reasons { get; init; }

    /// <summary>user, schedule, webhook, connected, admin, or backfill: history, read in the background.</summary>
    public required string Trigger { get; init; }

    /// <summary>Reads everything again, whatever was read before.</summary>
    public required bool Full { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>What a run did in one stream.</summary>
public sealed record RunStream
{
    public string Stream { get; init; } = "";

    /// <summary>running, succeeded, partial, failed, skipped, or paused: history that goes on later.</summary>
    public string Status { get; init; } = "";

    /// <summary>delta, recent (the first sync's window), full or history.</summary>
    public string? Mode { get; init; }

    /// <summary>Of history: how much of it is read, 0–100; null where the provider gives no measure.</summary>
    public double? Percent { get; init; }

    /// <summary>Of a skipped stream: stream_switched_off, not_due, nothing_due or provider_in_trouble.</summary>
    public string? SkippedBecause { get; init; }
    public long Seen { get; init; }
    public long Written { get; init; }

    /// <summary>Of the written ones, those that had changed; the others were new.</summary>
    public long Changed { get; init; }

    /// <summary>Left as they are: we hold them so, or newer.</summary>
    public long Skipped { get; init; }

    /// <summary>Rows that do not fit; see the parked rows.</summary>
    public long Parked { get; init; }

    /// <summary>Rows that the provider no longer shows, marked deleted.</summary>
    public long Deleted { get; init; }
    public long Pages { get; init; }
    public long Calls { get; init; }
    public long Bytes { get; init; }
    public string? ErrorClass { get; init; }
    public string? ErrorCode { get; init; }
    public string? ErrorMessage { get; init; }
}

/// <summary>A reason why a run is no plain success.</summary>
/// <param name="Code">stream_failed, rows_parked, total_disagrees, implausible_zero, implausible_fall or entries_disagree.</param>
/// <param name="Stream">Null: the run as a whole.</param>
public sealed record RunDoubt(string Code, string? Stream, string Message);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IReadOnlyList<RunStream>))]
[JsonSerializable(typeof(IReadOnlyList<RunDoubt>))]
internal sealed partial class RunJson : JsonSerializerContext;
