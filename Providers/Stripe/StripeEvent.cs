using System.Globalization;
using System.Text.Json;

namespace FinanceIntegrations.Providers.Stripe;

/// <summary>What we read of an event, v1 or v2 (stripe.md §7): from a webhook's body or a row of /v1/events.</summary>
internal readonly record struct StripeEvent(string Id, string Type, string? Account, DateTimeOffset? CreatedAt, bool? LiveMode)
{
    private const int LongestId = 255;

    /// <summary>Where <c>data.object</c> stands in the event's bytes; empty where it has none.</summary>
    public Range Object { get; private init; }

    public bool HasObject => !Object.Equals(default);

    /// <summary>Of a v2 event: the type of the object that changed.</summary>
    public string? RelatedType { get; private init; }

    /// <summary>Reads the top level in one pass. Null: not an event, or not JSON.</summary>
    public static StripeEvent? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return ReadChecked(json);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)   // the latter: no valid string
        {
            return null;
        }
    }

    private static StripeEvent? ReadChecked(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
        string? id = null, type = null, account = null, context = null, related = null;
        DateTimeOffset? created = null;
        bool? live = null;
        var carried = default(Range);
        var thin = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8)) id = Text(ref reader);
            else if (reader.ValueTextEquals("type"u8)) type = Text(ref reader);
            else if (reader.ValueTextEquals("account"u8)) account = Text(ref reader);
            else if (reader.ValueTextEquals("context"u8)) context = Text(ref reader);
            else if (reader.ValueTextEquals("created"u8)) created = Moment(ref reader);
            else if (reader.ValueTextEquals("livemode"u8)) live = Flag(ref reader);
            else if (reader.ValueTextEquals("object"u8)) thin = Is(ref reader, "v2.core.event"u8);
            else if (reader.ValueTextEquals("data"u8)) carried = ObjectIn(ref reader);
            else if (reader.ValueTextEquals("related_object"u8)) related = TypeIn(ref reader);
            else Pass(ref reader);
        }
        while (reader.Read()) { }   // whatever follows the object is an error
        return IsName(id) && IsName(type)
            ? new(id!, type!, Name(account) ?? (thin ? Name(context) : null), created, live) { Object = carried, RelatedType = related }
            : null;
    }

    private static Range ObjectIn(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return default;
        }
        var found = default(Range);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var wanted = reader.ValueTextEquals("object"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (wanted) found = start..(int)reader.BytesConsumed;
        }
        return found;
    }

    private static string? TypeIn(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }
        string? type = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8)) type = Text(ref reader);
            else Pass(ref reader);
        }
        return type;
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return reader.GetString();
        reader.Skip();
        return null;
    }

    private static bool? Flag(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType is JsonTokenType.True or JsonTokenType.False) return reader.GetBoolean();
        reader.Skip();
        return null;
    }

    private static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> text)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return reader.ValueTextEquals(text);
        reader.Skip();
        return false;
    }

    /// <summary>Unix seconds, or ISO 8601 in v2.</summary>
    private static DateTimeOffset? Moment(ref Utf8JsonReader reader)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.Number:
                return reader.TryGetInt64(out var seconds) ? StripeMapping.Moment(seconds) : null;
            case JsonTokenType.String:
                return DateTimeOffset.TryParse(reader.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                    ? at.ToUniversalTime()
                    : null;
            default:
                reader.Skip();
                return null;
        }
    }

    private static void Pass(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    /// <summary>What could not be stored is nobody's: the database would refuse it, and every event that travels with it.</summary>
    private static string? Name(string? text) => IsName(text) ? text : null;

    private static bool IsName(string? text)
    {
        if (text is not { Length: > 0 and <= LongestId }) return false;
        foreach (var letter in text)
            if (char.IsControl(letter))
                return false;
        return true;
    }
}
