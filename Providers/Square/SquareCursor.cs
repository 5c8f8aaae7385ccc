using System.Text.Json;
using System.Text.Json.Serialization;
using FinanceIntegrations.Providers.Wire;

namespace FinanceIntegrations.Providers.Square;

/// <summary>What a pass reads.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SquarePass>))]
internal enum SquarePass
{
    /// <summary>Between passes.</summary>
    [JsonStringEnumMemberName("rest")] Rest,

    /// <summary>Everything, or everything of a window of creation.</summary>
    [JsonStringEnumMemberName("full")] Full,

    /// <summary>What is new or changed since the pass before began.</summary>
    [JsonStringEnumMemberName("delta")] Delta,
}

/// <summary>Where a stream stands. Stored with each page; opaque to everybody else. Times are unix seconds. Stays under 2 KB.</summary>
internal sealed record SquareCursor
{
    private const int Current = 1;

    public int V { get; init; } = Current;

    public SquarePass Pass { get; init; }

    /// <summary>When this pass began, by Square's clock: what changes from then on is the next one's.</summary>
    public long? Begun { get; init; }

    /// <summary>Between passes: when the last one began.</summary>
    public long? Watermark { get; init; }

    /// <summary>Of a full pass: lowest time of creation.</summary>
    public long? From { get; init; }

    /// <summary>Of history: every row was created before.</summary>
    public long? Until { get; init; }

    /// <summary>Of a delta: lowest time of change.</summary>
    public long? Since { get; init; }

    /// <summary>The location that is being read; locations go by the order of their ids. Null: none yet.</summary>
    public string? Location { get; init; }

    /// <summary>No location came after this one when it was begun.</summary>
    public bool? LastLocation { get; init; }

    /// <summary>Square's own cursor of the next page of the list that is being read.</summary>
    public string? After { get; init; }

    /// <summary>Time of the last row of the list that was seen: where to go on should Square's cursor have run out.</summary>
    public long? Reached { get; init; }

    /// <summary>Where the list was begun again, because its cursor had run out.</summary>
    public long? Edge { get; init; }

    /// <summary>Disputes: which of the open states is being read.</summary>
    public int? State { get; init; }

    /// <summary>Payout entries: the payouts whose entries are still to be read, the one that is being read first.</summary>
    public IReadOnlyList<string>? Queue { get; init; }

    /// <summary>Payout entries: the last payout of the list that was queued or left out; null: the list is at its beginning.</summary>
    public string? Tail { get; init; }

    /// <summary>Payout entries: the location has no payouts beyond the queue.</summary>
    public bool? Drained { get; init; }

    /// <summary>Payout entries: a row of the payout that is being read did not fit.</summary>
    public bool? Unfit { get; init; }

    /// <summary>Rows that this pass has shown so far.</summary>
    public long? Shown { get; init; }

    /// <summary>Null, and a cursor of another version or making, is the beginning: reading again does no harm.</summary>
    public static SquareCursor Parse(string? text) => CursorText.Read(text, SquareCursorJson.Default.SquareCursor, cursor => cursor.V == Current);

    /// <summary>Between passes.</summary>
    public static SquareCursor AtRest(long? watermark) => new() { Watermark = watermark };

    /// <summary>The same pass, at the beginning of a location.</summary>
    public SquareCursor At(string location, bool isLast) => this with
    {
        Location = location,
        LastLocation = isLast ? true : null,
        After = null,
        Reached = null,
        Edge = null,
        Queue = null,
        Tail = null,
        Drained = null,
        Unfit = null,
    };

    public override string ToString() => JsonSerializer.Serialize(this, SquareCursorJson.Default.SquareCursor);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SquareCursor))]
internal sealed partial class SquareCursorJson : JsonSerializerContext;
