using System.Text.Json;
using System.Text.Json.Serialization;
using FinanceIntegrations.Providers.Wire;

namespace FinanceIntegrations.Providers.Stripe;

/// <summary>What a pass reads.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StripePass>))]
internal enum StripePass
{
    /// <summary>Between passes.</summary>
    [JsonStringEnumMemberName("rest")] Rest,

    /// <summary>Everything, or everything of a window, newest to oldest.</summary>
    [JsonStringEnumMemberName("full")] Full,

    /// <summary>What is new or changed since the watermark.</summary>
    [JsonStringEnumMemberName("delta")] Delta,
}

/// <summary>Where a stream stands. Stored with each page; opaque to everybody else. Times are unix seconds.</summary>
internal sealed record StripeCursor
{
    private const int Current = 1;

    public int V { get; init; } = Current;

    public StripePass Pass { get; init; }

    /// <summary>Id of the last row of the last page of this pass.</summary>
    public string? After { get; init; }

    /// <summary>Lowest <c>created</c> that this pass asks for.</summary>
    public long? Since { get; init; }

    /// <summary>Of history: everything asked for was created before.</summary>
    public long? Until { get; init; }

    /// <summary>Of history: when the account was made, if that is before its window. No row is older.</summary>
    public long? Beginning { get; init; }

    /// <summary>Rows that this pass has shown so far.</summary>
    public long? Shown { get; init; }

    /// <summary>From here on the next pass has to look.</summary>
    public long? Watermark { get; init; }

    /// <summary>The watermark is the time of a row that was shown, not only where a window begins.</summary>
    public bool? Seen { get; init; }

    /// <summary>Created time of the oldest transaction that was still pending.</summary>
    public long? PendingSince { get; init; }

    /// <summary>When reading the pending ones again is worth it.</summary>
    public long? PendingDue { get; init; }

    /// <summary>Payout entries: the payouts whose entries are still to be read, the one that is being read first.</summary>
    public IReadOnlyList<string>? Queue { get; init; }

    /// <summary>Payout entries: id of the last row that was read of the queue's first payout.</summary>
    public string? Entry { get; init; }

    /// <summary>Payout entries: a row of the queue's first payout did not fit.</summary>
    public bool? Unfit { get; init; }

    /// <summary>Payout entries: there are no payouts beyond the queue.</summary>
    public bool? Drained { get; init; }

    /// <summary>Payout entries: <c>created</c> of the last payout that was looked at.</summary>
    public long? Reached { get; init; }

    /// <summary>Null, and a cursor of another version or making, is the beginning: reading again does no harm.</summary>
    public static StripeCursor Parse(string? text) => CursorText.Read(text, StripeCursorJson.Default.StripeCursor, cursor => cursor.V == Current);

    public override string ToString() => JsonSerializer.Serialize(this, StripeCursorJson.Default.StripeCursor);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StripeCursor))]
internal sealed partial class StripeCursorJson : JsonSerializerContext;
