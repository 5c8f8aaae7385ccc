using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using FinanceIntegrations.Domain.Webhooks;

namespace FinanceIntegrations.Providers.Stripe;

/// <summary>Stripe's events: signature scheme v1, envelope and meaning (stripe.md §7–§9). Pure.</summary>
/// <param name="liveMode">
/// The platform key's mode, where it is known: a live endpoint also receives the test events of connected accounts, and they are not its
/// books.
/// </param>
internal sealed class StripeWebhooks(bool? liveMode = null) : IReadsWebhooks
{
    private const int Tolerance = 300;
    private const int LongestHeader = 4096;
    private const int LongestStamp = 12;
    private const int MacChars = 2 * HMACSHA256.HashSizeInBytes;
    private const int OnStack = 2048;

    public IReadOnlyList<string> SignatureHeaders { get; } = ["stripe-signature"];

    /// <remarks>Every secret is held against every v1 entry, also after one fitted. Only exact lower-case hex is a signature.</remarks>
    public WebhookVerdict Verify(
        ReadOnlySpan<byte> body, ReadOnlySpan<string> headers, ReadOnlySpan<WebhookSecret> secrets, DateTimeOffset now)
    {
        if (headers.IsEmpty || headers[0] is not { Length: > 0 and <= LongestHeader } header) return WebhookVerdict.Missing;
        if (!TryRead(header, out var stamp, out var signedAt)) return WebhookVerdict.Missing;

        var length = stamp.Length + 1 + body.Length;
        var rented = length > OnStack ? ArrayPool<byte>.Shared.Rent(length) : null;
        var message = rented is null ? stackalloc byte[OnStack] : rented.AsSpan();
        Encoding.ASCII.GetBytes(stamp, message);
        message[stamp.Length] = (byte)'.';
        body.CopyTo(message[(stamp.Length + 1)..]);

        var authentic = false;
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<char> expected = stackalloc char[MacChars];
        foreach (var secret in secrets)
        {
            if (secret.Key.IsEmpty) continue;   // an empty key would let anybody sign
            HMACSHA256.HashData(secret.Key.Span, message[..length], mac);
            Convert.TryToHexStringLower(mac, expected, out _);
            authentic |= AnyEntryIs(header, expected);
        }
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);

        if (!authentic) return WebhookVerdict.Forged;
        return Math.Abs(now.ToUnixTimeSeconds() - signedAt) > Tolerance ? WebhookVerdict.Expired : WebhookVerdict.Authentic;
    }

    public WebhookEnvelope? ReadEnvelope(ReadOnlySpan<byte> body) =>
        Utf8.IsValid(body) && StripeEvent.Read(body) is { } @event ? new(@event.Id, @event.Type, @event.Account, @event.CreatedAt) : null;

    public WebhookEffect Interpret(string eventType, ReadOnlyMemory<byte> body)
    {
        if (StripeEvent.Read(body.Span) is not { } @event) return new() { Unreadable = "The body is not an event of Stripe." };
        if (liveMode is { } live && @event.LiveMode is { } eventLive && live != eventLive)
            return WebhookEffect.Nothing(
                eventLive ? "A live event, at a deployment with a test key." : "A test event, at a deployment with a live key.");
        return eventType switch
        {
            "account.application.deauthorized" => @event.CreatedAt is { } left
                ? new() { ConsentWithdrawnAt = left }
                : new() { Unreadable = "The event has no time." },
            "balance.available" => Balances(@event, body),
            _ when StripeVocabulary.Carried(eventType) is { } kind => Carried(kind, @event, body),
            _ when @event.RelatedType is { } related => Related(related),
            _ => WebhookEffect.Nothing("Events of this type change nothing that is kept here."),
        };
    }

    private static WebhookEffect Carried(StripeObject kind, StripeEvent @event, ReadOnlyMemory<byte> body)
    {
        if (@event.CreatedAt is not { } created) return new() { Unreadable = "The event has no time." };
        var row = StripeMapping.Row(kind, body[@event.Object], created);
        return row.Record is { } record
            ? new() { Records = [record] }
            : new() { Unreadable = $"{row.Rejected!.Reason} ({row.Rejected.Code})" };
    }

    /// <summary>The object names no account. Where the event does not either, reading the balance tells.</summary>
    private static WebhookEffect Balances(StripeEvent @event, ReadOnlyMemory<byte> body)
    {
        if (@event is not { Account: { } account, CreatedAt: { } created }) return new() { StreamsToSync = [StripeStreams.Balances] };
        var (records, rejected) = StripeMapping.Balances(body[@event.Object], account, created);
        return rejected is [] ? new() { Records = records } : new() { Unreadable = $"{rejected[0].Reason} ({rejected[0].Code})" };
    }

    /// <summary>A v2 event carries no object, only whose it is: the stream is read instead.</summary>
    private static WebhookEffect Related(string type) => type switch
    {
        "v2.core.account" or "account" => new() { StreamsToSync = [StripeStreams.Accounts] },
        "balance" => new() { StreamsToSync = [StripeStreams.Balances] },
        "balance_transaction" => new() { StreamsToSync = [StripeStreams.Transactions] },
        "charge" => new() { StreamsToSync = [StripeStreams.Charges] },
        "refund" => new() { StreamsToSync = [StripeStreams.Refunds] },
        "payout" => new() { StreamsToSync = [StripeStreams.Payouts] },
        "dispute" => new() { StreamsToSync = [StripeStreams.Disputes] },
        _ => WebhookEffect.Nothing("Events about this type of object change nothing that is kept here."),
    };

    /// <summary>A whole number as <c>t</c>, and at least one v1.</summary>
    /// <remarks>Entries may repeat; the first <c>t</c> counts, as in Stripe's own libraries.</remarks>
    private static bool TryRead(ReadOnlySpan<char> header, out ReadOnlySpan<char> stamp, out long signedAt)
    {
        stamp = default;
        signedAt = 0;
        var signed = false;
        foreach (var entry in header.Split(','))
        {
            var (key, value) = Entry(header[entry]);
            if (key is "t" && stamp.IsEmpty) stamp = value;
            else if (key is "v1") signed |= value.Length > 0;
        }
        return signed && stamp.Length is > 0 and <= LongestStamp
            && !stamp.ContainsAnyExceptInRange('0', '9') && long.TryParse(stamp, out signedAt);
    }

    private static bool AnyEntryIs(ReadOnlySpan<char> header, ReadOnlySpan<char> expected)
    {
        var any = false;
        foreach (var entry in header.Split(','))
        {
            var (key, value) = Entry(header[entry]);
            if (key is "v1")
                any |= CryptographicOperations.FixedTimeEquals(
                    MemoryMarshal.AsBytes(value), MemoryMarshal.AsBytes(expected));
        }
        return any;
    }

    private static SignatureEntry Entry(ReadOnlySpan<char> entry)
    {
        var equals = entry.IndexOf('=');
        return equals < 0 ? new(entry.Trim(), default) : new(entry[..equals].Trim(), entry[(equals + 1)..].Trim());
    }

    private readonly ref struct SignatureEntry(ReadOnlySpan<char> key, ReadOnlySpan<char> value)
    {
        private readonly ReadOnlySpan<char> _key = key;
        private readonly ReadOnlySpan<char> _value = value;

        public void Deconstruct(out ReadOnlySpan<char> key, out ReadOnlySpan<char> value)
        {
            key = _key;
            value = _value;
        }
    }
}
