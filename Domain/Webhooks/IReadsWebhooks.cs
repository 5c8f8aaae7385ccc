using FinanceIntegrations.Domain.Records;

namespace FinanceIntegrations.Domain.Webhooks;

/// <summary>A connector that takes webhooks. Pure: bytes, headers, secrets and time come in.</summary>
public interface IReadsWebhooks
{
    /// <summary>The provider's signature headers, in lower case. Only these are handed to <see cref="Verify"/>.</summary>
    IReadOnlyList<string> SignatureHeaders { get; }

    /// <summary>The body that the provider wants in our 2xx answer; null for ours.</summary>
    string? Acknowledgement => null;

    /// <summary>Holds the raw bytes against every live secret, in constant time. Nothing is parsed before it says <see cref="WebhookVerdict.Authentic"/>.</summary>
    /// <param name="headers">Values of <see cref="SignatureHeaders"/>, in that order; empty where a header is absent.</param>
    WebhookVerdict Verify(ReadOnlySpan<byte> body, ReadOnlySpan<string> headers, ReadOnlySpan<WebhookSecret> secrets, DateTimeOffset now);

    /// <summary>Reads id, type and account of a verified body. Null where it is not an event of this provider.</summary>
    WebhookEnvelope? ReadEnvelope(ReadOnlySpan<byte> body);

    /// <summary>What a stored event does. Safe to apply twice.</summary>
    WebhookEffect Interpret(string eventType, ReadOnlyMemory<byte> body);
}

public enum WebhookVerdict
{
    Authentic,

    /// <summary>No signature, or one that is not of this scheme.</summary>
    Missing,

    /// <summary>No live secret makes this signature.</summary>
    Forged,

    /// <summary>Signed too long ago, or too far ahead.</summary>
    Expired,

    /// <summary>What tells lies at the provider and is not here yet: ask <see cref="IDecidesWebhooks"/>.</summary>
    Undecided,
}

/// <summary>A reader of webhooks whose verdict may need the provider: a certificate that it publishes, or its own word.</summary>
public interface IDecidesWebhooks
{
    /// <summary>Asked where <see cref="IReadsWebhooks.Verify"/> is undecided, with the same. Never throws for what a provider does.</summary>
    /// <returns><see cref="WebhookVerdict.Undecided"/>: it cannot be told now, and the provider has to send again.</returns>
    Task<WebhookVerdict> DecideAsync(
        ReadOnlyMemory<byte> body, ReadOnlyMemory<string> headers, ReadOnlyMemory<WebhookSecret> secrets, DateTimeOffset now, CancellationToken cancel);
}

/// <summary>A signing secret. Prints as <c>***</c>.</summary>
public readonly record struct WebhookSecret(ReadOnlyMemory<byte> Key)
{
    /// <summary>The endpoint's address as it was entered at the provider, byte for byte: some sign it along. Never taken from a request.</summary>
    public string? Url { get; init; }

    public static WebhookSecret FromText(string text) => new(System.Text.Encoding.UTF8.GetBytes(text));

    public override string ToString() => "***";
}

/// <param name="EventId">The provider's id of the event: unique per endpoint.</param>
/// <param name="Account">Whose event it is; null where the body does not say.</param>
/// <param name="OccurredAt">By the provider's clock.</param>
public sealed record WebhookEnvelope(string EventId, string EventType, string? Account, DateTimeOffset? OccurredAt);

/// <summary>What an event does: one of these.</summary>
public sealed record WebhookEffect
{
    /// <summary>Objects that the event carries: upserted, unless what we hold is newer.</summary>
    public IReadOnlyList<UnifiedRecord> Records { get; init; } = [];

    /// <summary>Streams that are worth a delta sync now.</summary>
    public IReadOnlyList<string> StreamsToSync { get; init; } = [];

    /// <summary>Payouts that the provider lists nowhere: followed from now on, and due at once. Named beside <see cref="StreamsToSync"/>.</summary>
    public IReadOnlyList<string> PayoutsToRead { get; init; } = [];

    /// <summary>The user withdrew consent at the provider, at this moment.</summary>
    public DateTimeOffset? ConsentWithdrawnAt { get; init; }

    /// <summary>Why the event does nothing.</summary>
    public string? IgnoredBecause { get; init; }

    /// <summary>The event should do something, but its body does not fit: retried, then dead-lettered.</summary>
    public string? Unreadable { get; init; }

    public static WebhookEffect Nothing(string because) => new() { IgnoredBecause = because };
}
