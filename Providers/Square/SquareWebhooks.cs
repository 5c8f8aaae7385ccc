using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using FinanceIntegrations.Domain.Webhooks;
using FinanceIntegrations.Providers.Wire;

namespace FinanceIntegrations.Providers.Square;

/// <summary>Square's events: signature, envelope and meaning (square.md §7). Pure.</summary>
/// <remarks>
/// Square signs the notification URL of the subscription and the body, and no time. The URL is the configured one (<see cref="WebhookSecret.Url"/>):
/// what a request says of its own address was never signed by anybody. A replay is stopped by the event's id, unique in the inbox; an event that is
/// older than any delivery of Square's is refused.
/// </remarks>
internal sealed class SquareWebhooks : IReadsWebhooks
{
    /// <summary>Square delivers for 24 hours, on older pages for 72; whoever sends an event after a week is not Square.</summary>
    public static readonly TimeSpan Oldest = TimeSpan.FromDays(7);

    private const int MacChars = 44;   // base64 of 32 bytes
    private const int OnStack = 2048;

    public IReadOnlyList<string> SignatureHeaders { get; } = ["x-square-hmacsha256-signature"];

    /// <remarks>Every key is tried, also after one fitted. Only the exact base64 text is a signature.</remarks>
    public WebhookVerdict Verify(
        ReadOnlySpan<byte> body, ReadOnlySpan<string> headers, ReadOnlySpan<WebhookSecret> secrets, DateTimeOffset now)
    {
        if (headers.IsEmpty || headers[0] is not { Length: MacChars } signature) return WebhookVerdict.Missing;
        var authentic = false;
        foreach (var secret in secrets) authentic |= IsSignedBy(secret, body, signature);
        if (!authentic) return WebhookVerdict.Forged;
        return SquareEvent.TimeOf(body) is { } created && now - created > Oldest ? WebhookVerdict.Expired : WebhookVerdict.Authentic;
    }

    public WebhookEnvelope? ReadEnvelope(ReadOnlySpan<byte> body) =>
        Utf8.IsValid(body) && SquareEvent.Read(body) is { } @event ? new(@event.Id, @event.Type, @event.Merchant, @event.CreatedAt) : null;

    public WebhookEffect Interpret(string eventType, ReadOnlyMemory<byte> body)
    {
        if (SquareEvent.Read(body.Span) is not { } @event) return new() { Unreadable = "The body is not an event of Square." };
        return eventType switch
        {
            "oauth.authorization.revoked" => Revoked(@event, body),
            _ when Is(eventType, "payment.") => Carried(SquareObject.Payment, SquareStreams.Payments, @event, body),
            _ when Is(eventType, "refund.") => Carried(SquareObject.Refund, SquareStreams.Refunds, @event, body),
            _ when Is(eventType, "payout.") => Carried(SquareObject.Payout, SquareStreams.Payouts, @event, body),
            _ when Is(eventType, "dispute.evidence.") => new() { StreamsToSync = [SquareStreams.Disputes] },   // carries the evidence, not the dispute
            _ when Is(eventType, "dispute.") => Carried(SquareObject.Dispute, SquareStreams.Disputes, @event, body),
            _ when Is(eventType, "location.") => new() { StreamsToSync = [SquareStreams.Accounts] },           // names the location, and no more
            "webhooks.test_notification" => WebhookEffect.Nothing("A test of the webhook subscription."),
            _ => WebhookEffect.Nothing("Events of this type change nothing that is kept here."),
        };
    }

    /// <summary>Without the object, the event still says that there is news.</summary>
    private static WebhookEffect Carried(SquareObject kind, string stream, SquareEvent @event, ReadOnlyMemory<byte> body)
    {
        if (!@event.HasObject) return new() { StreamsToSync = [stream] };
        if (@event.CreatedAt is not { } created) return new() { Unreadable = "The event has no time." };
        var row = SquareMapping.Row(kind, body[@event.Object], created);
        return row.Record is { } record
            ? new() { Records = [record] }
            : new() { Unreadable = $"{row.Rejected!.Reason} ({row.Rejected.Code})" };
    }

    private static WebhookEffect Revoked(SquareEvent @event, ReadOnlyMemory<byte> body)
    {
        var at = @event.HasObject ? SquareTime.Parse(JsonRows.TextOf(body[@event.Object].Span, "revoked_at"u8)) : null;
        return (at ?? @event.CreatedAt) is { } left ? new() { ConsentWithdrawnAt = left } : new() { Unreadable = "The event has no time." };
    }

    private static bool Is(string eventType, string prefix) => eventType.StartsWith(prefix, StringComparison.Ordinal);

    /// <summary>An empty key would let anybody sign; without the URL nothing can be said.</summary>
    private static bool IsSignedBy(WebhookSecret secret, ReadOnlySpan<byte> body, ReadOnlySpan<char> signature)
    {
        if (secret.Key.IsEmpty || secret.Url is not { Length: > 0 } url) return false;
        var length = Encoding.UTF8.GetByteCount(url) + body.Length;
        var rented = length > OnStack ? ArrayPool<byte>.Shared.Rent(length) : null;
        var message = rented is null ? stackalloc byte[OnStack] : rented.AsSpan();
        body.CopyTo(message[Encoding.UTF8.GetBytes(url, message)..]);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret.Key.Span, message[..length], mac);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        Span<char> expected = stackalloc char[MacChars];
        Convert.TryToBase64Chars(mac, expected, out _);
        return CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(signature), MemoryMarshal.AsBytes<char>(expected));
    }
}
