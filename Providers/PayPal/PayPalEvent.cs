using System.Runtime.InteropServices;
using System.Text.Json;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>What we read of a webhook's body (paypal.md §7).</summary>
internal sealed record PayPalEvent(string Id, string Type, DateTimeOffset? CreatedAt, string? Account)
{
    private const int LongestId = 255;

    /// <summary>The object that the event is about, byte for byte; empty where it has none.</summary>
    public ReadOnlyMemory<byte> Resource { get; private init; }

    /// <summary>Null: not an event, or not JSON.</summary>
    public static PayPalEvent? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            using var document = JsonDocument.ParseValue(ref reader);
            if (reader.Read()) return null;
            return ReadChecked(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)   // the latter: no valid string
        {
            return null;
        }
    }

    /// <summary>The batch that a batch's or an item's event is about; null: it names none that could be asked for.</summary>
    public static string? BatchOf(ReadOnlySpan<byte> resource) =>
        (PayPalList.TextOf(resource, "payout_batch_id"u8) ?? PayPalList.TextOf(resource, "payout_batch_id"u8, "batch_header"u8)) is { } id && PayPalOrders.IsBatch(id) ? id : null;

    private static PayPalEvent? ReadChecked(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || Text(root, "id") is not { } id || Text(root, "event_type") is not { } type) return null;
        var resource = Inner(root, "resource");
        return new(id, type, PayPalTime.Parse(Text(root, "create_time")), resource is { } about ? AccountOf(about) : null)
        {
            Resource = resource is { } carried ? JsonMarshal.GetRawUtf8Value(carried).ToArray() : default,
        };
    }

    /// <summary>
    /// Whose event it is, where the resource says so: the payee of a capture, the payer of a refund, the seller of a dispute, the merchant of
    /// a consent. Other resources name nobody: such an event reaches the endpoint of one integration only.
    /// </summary>
    private static string? AccountOf(JsonElement resource)
    {
        if (Text(resource, "merchant_id") is { } merchant) return merchant;
        if (Inner(resource, "payee") is { } payee && Text(payee, "merchant_id") is { } paid) return paid;
        if (Inner(resource, "payer") is { } payer && Text(payer, "merchant_id") is { } paying) return paying;
        if (resource.TryGetProperty("disputed_transactions", out var disputed) && disputed.ValueKind == JsonValueKind.Array)
            foreach (var transaction in disputed.EnumerateArray())
                if (transaction.ValueKind == JsonValueKind.Object && Inner(transaction, "seller") is { } seller && Text(seller, "merchant_id") is { } sold)
                    return sold;
        return Text(resource, "payer_id");
    }

    private static JsonElement? Inner(JsonElement of, string name) =>
        of.TryGetProperty(name, out var inner) && inner.ValueKind == JsonValueKind.Object ? inner : null;

    private static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= LongestId } text
        && !text.Any(char.IsControl) ? text : null;
}
