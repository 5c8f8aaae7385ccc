using System.Text;
using System.Text.Unicode;
using FinanceIntegrations.Domain.Webhooks;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>PayPal's events: its signature, envelope and meaning (paypal.md §7–§9).</summary>
/// <remarks>
/// The "secret" is the id of the webhook at PayPal: it stands in the signed message and binds it to our endpoint. The key is the certificate
/// that the message names; while it is not here yet, <see cref="Verify"/> is undecided.
/// </remarks>
internal sealed class PayPalWebhooks(PayPalCertificates certificates, PayPalVerification? online = null) : IReadsWebhooks, IDecidesWebhooks
{
    private const int LongestHeader = 1024;

    /// <summary>PayPal tries for three days, and documents no tolerance.</summary>
    private static readonly TimeSpan Oldest = TimeSpan.FromDays(4);

    private static readonly TimeSpan FarthestAhead = TimeSpan.FromMinutes(5);

    public IReadOnlyList<string> SignatureHeaders { get; } =
        ["paypal-transmission-id", "paypal-transmission-time", "paypal-transmission-sig", "paypal-cert-url", "paypal-auth-algo"];

    public WebhookVerdict Verify(
        ReadOnlySpan<byte> body, ReadOnlySpan<string> headers, ReadOnlySpan<WebhookSecret> secrets, DateTimeOffset now)
    {
        if (PayPalSignature.Read(headers, LongestHeader) is not { } signature) return WebhookVerdict.Missing;
        if (!certificates.Allows(signature.CertificateUrl)) return WebhookVerdict.Forged;
        if (now - signature.SignedAt > Oldest || signature.SignedAt - now > FarthestAhead) return WebhookVerdict.Expired;
        if (online is not null) return WebhookVerdict.Undecided;
        if (certificates.Find(signature.CertificateUrl) is not { } certificate) return WebhookVerdict.Undecided;
        // Signed when it was sent, and that is at most days ago: then the certificate had to be good, though it may have ended since.
        return certificate.IsGoodAt(signature.SignedAt) && IsSignedForAny(certificate, signature, PayPalCrc32.Of(body), secrets)
            ? WebhookVerdict.Authentic
            : WebhookVerdict.Forged;
    }

    public async Task<WebhookVerdict> DecideAsync(
        ReadOnlyMemory<byte> body, ReadOnlyMemory<string> headers, ReadOnlyMemory<WebhookSecret> secrets, DateTimeOffset now, CancellationToken cancel)
    {
        if (PayPalSignature.Read(headers.Span, LongestHeader) is not { } signature) return WebhookVerdict.Missing;
        if (online is not null) return await online.DecideAsync(body, signature, secrets, cancel);
        return await certificates.LoadAsync(signature.CertificateUrl, now, cancel)
            ? Verify(body.Span, headers.Span, secrets.Span, now)
            : WebhookVerdict.Undecided;
    }

    public WebhookEnvelope? ReadEnvelope(ReadOnlySpan<byte> body) =>
        Utf8.IsValid(body) && PayPalEvent.Read(body) is { } @event ? new(@event.Id, @event.Type, @event.Account, @event.CreatedAt) : null;

    public WebhookEffect Interpret(string eventType, ReadOnlyMemory<byte> body)
    {
        if (PayPalEvent.Read(body.Span) is not { } @event) return new() { Unreadable = "The body is not an event of PayPal." };
        return eventType switch
        {
            "MERCHANT.PARTNER-CONSENT.REVOKED" or "IDENTITY.AUTHORIZATION-CONSENT.REVOKED" => @event.CreatedAt is { } left
                ? new() { ConsentWithdrawnAt = left }
                : new() { Unreadable = "The event has no time." },
            _ when eventType.StartsWith("CUSTOMER.DISPUTE.", StringComparison.Ordinal) => Dispute(@event),
            _ when IsPayout(eventType) => new()
            {
                StreamsToSync = [PayPalStreams.PayoutBatches, PayPalStreams.Transactions, PayPalStreams.Balances],
                PayoutsToRead = PayPalEvent.BatchOf(@event.Resource.Span) is { } batch ? [batch] : [],
            },
            // What they carry is a payment, not the movements of the account: those are read.
            _ when MovesMoney(eventType) => new() { StreamsToSync = [PayPalStreams.Transactions, PayPalStreams.Balances] },
            _ => WebhookEffect.Nothing("Events of this type change nothing that is kept here."),
        };
    }

    private static bool MovesMoney(string type) =>
        type.StartsWith("PAYMENT.CAPTURE.", StringComparison.Ordinal) || type.StartsWith("PAYMENT.REFUND.", StringComparison.Ordinal)
        || type.StartsWith("PAYMENT.SALE.", StringComparison.Ordinal);

    private static bool IsPayout(string type) =>
        type.StartsWith("PAYMENT.PAYOUTSBATCH.", StringComparison.Ordinal) || type.StartsWith("PAYMENT.PAYOUTS-ITEM.", StringComparison.Ordinal);

    private static WebhookEffect Dispute(PayPalEvent @event)
    {
        if (@event.CreatedAt is not { } created) return new() { Unreadable = "The event has no time." };
        var row = PayPalMapping.Dispute(@event.Resource, created);
        return row.Record is { } record
            ? new() { Records = [record] }
            : new() { Unreadable = $"{row.Rejected!.Reason} ({row.Rejected.Code})" };
    }

    private static bool IsSignedForAny(PayPalCertificate certificate, PayPalSignature signature, uint crc32, ReadOnlySpan<WebhookSecret> webhookIds)
    {
        var any = false;
        foreach (var id in webhookIds)
        {
            if (id.Key.IsEmpty) continue;   // no id would bind the message to nobody
            any |= certificate.Signs(signature.Message(Encoding.UTF8.GetString(id.Key.Span), crc32), signature.Signature);
        }
        return any;
    }
}
