namespace FinanceIntegrations.Domain.Records;

/// <summary>Money taken from a payer, or given back.</summary>
public sealed record Payment : UnifiedRecord
{
    public override RecordKind Kind => RecordKind.Payment;

    /// <summary><c>charge</c> · <c>refund</c>.</summary>
    public required string Type { get; init; }

    /// <summary><c>pending</c> · <c>succeeded</c> · <c>failed</c> · <c>canceled</c> · <c>requires_action</c>; a provider's newer word is kept.</summary>
    public required string Status { get; init; }

    /// <summary>Positive for both types.</summary>
    public required decimal Amount { get; init; }

    /// <summary>Of a charge: how much of it went back.</summary>
    public decimal? AmountRefunded { get; init; }

    public required string Currency { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>Of a refund: the charge that it gives back.</summary>
    public string? ParentId { get; init; }

    /// <summary>The movement that it made on the account.</summary>
    public string? TransactionId { get; init; }

    public string? CustomerId { get; init; }

    public string? FailureCode { get; init; }

    public string? Description { get; init; }

    public bool Disputed { get; init; }
}
