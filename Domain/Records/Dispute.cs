namespace FinanceIntegrations.Domain.Records;

/// <summary>A payer's bank asks for money back.</summary>
public sealed record Dispute : UnifiedRecord
{
    public override RecordKind Kind => RecordKind.Dispute;

    /// <summary><c>warning_needs_response</c> · <c>warning_under_review</c> · <c>warning_closed</c> · <c>needs_response</c> · <c>under_review</c> · <c>won</c> · <c>lost</c> · <c>prevented</c>; a provider's newer word is kept.</summary>
    public required string Status { get; init; }

    /// <summary>The provider's reason code.</summary>
    public required string Reason { get; init; }

    /// <summary>The money at stake, positive.</summary>
    public required decimal Amount { get; init; }

    public required string Currency { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The payment in dispute.</summary>
    public string? PaymentId { get; init; }

    /// <summary>Last moment for evidence; null where none can be given any more.</summary>
    public DateTimeOffset? EvidenceDueAt { get; init; }

    public bool? HasEvidence { get; init; }
}
