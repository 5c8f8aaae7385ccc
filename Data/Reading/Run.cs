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

    /// <summary>user, schedule, webhook, connected or admin.</summary>
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

    /// <summary>running, succeeded, partial, failed or skipped.</summary>
    public string Status { get; init; } = "";

    /// <summary>Of a skipped stream: stream_switched_off or not_due.</summary>
    public string? SkippedBecause { get; init; }
    public long Seen { get; init; }
    public long Written { get; init; }
    public long Parked { get; init; }
    public long Pages { get; init; }
    public long Bytes { get; init; }
    public string? ErrorClass { get; init; }
    public string? ErrorCode { get; init; }
    public string? ErrorMessage { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IReadOnlyList<RunStream>))]
internal sealed partial class RunJson : JsonSerializerContext;
