using System.Text.Json;
using System.Text.Json.Serialization;
using FinanceIntegrations.Providers.Wire;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>What a pass reads.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PayPalPass>))]
internal enum PayPalPass
{
    /// <summary>Between passes.</summary>
    [JsonStringEnumMemberName("rest")] Rest,

    /// <summary>Everything, or everything of a window, oldest to newest.</summary>
    [JsonStringEnumMemberName("full")] Full,

    /// <summary>What is new or changed since the watermark.</summary>
    [JsonStringEnumMemberName("delta")] Delta,
}

/// <summary>Where a stream stands. Stored with each page; opaque to everybody else. Times are unix seconds.</summary>
internal sealed record PayPalCursor
{
    private const int Current = 1;

    public int V { get; init; } = Current;

    public PayPalPass Pass { get; init; }

    /// <summary>The pass's own begin and end. The end is never beyond what PayPal had last refreshed when the pass began.</summary>
    public long? From { get; init; }

    public long? To { get; init; }

    /// <summary>The end is known to lie within what PayPal has.</summary>
    public bool? Settled { get; init; }

    /// <summary>Begin of the window that is being read, and its length in seconds.</summary>
    public long? Start { get; init; }

    public long? Span { get; init; }

    /// <summary>Next page of the window, from 1.</summary>
    public int? Page { get; init; }

    /// <summary>Of disputes: the token of the next page.</summary>
    public string? Token { get; init; }

    /// <summary>Rows that this pass has shown so far.</summary>
    public long? Shown { get; init; }

    /// <summary>Up to here everything has been read once.</summary>
    public long? Watermark { get; init; }

    /// <summary>Initiation of the oldest transaction that was still pending: the next pass begins there.</summary>
    public long? PendingSince { get; init; }

    /// <summary>End of the last pass that has read the last days again. In the middle of a pass: it does not do so itself.</summary>
    public long? Reread { get; init; }

    /// <summary>Null, and a cursor of another version or making, is the beginning: reading again does no harm.</summary>
    public static PayPalCursor Parse(string? text) => CursorText.Read(text, PayPalCursorJson.Default.PayPalCursor, cursor => cursor.V == Current);

    /// <summary>Between passes: only what the next one needs.</summary>
    public PayPalCursor AtRest(long? watermark) => new() { Watermark = watermark, PendingSince = PendingSince, Reread = Reread ?? watermark };

    public override string ToString() => JsonSerializer.Serialize(this, PayPalCursorJson.Default.PayPalCursor);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PayPalCursor))]
internal sealed partial class PayPalCursorJson : JsonSerializerContext;
