namespace FinanceIntegrations.Domain.Records;

/// <summary>One movement on an account. <c>Net = Amount − Fee</c>; negative leaves the account.</summary>
public sealed record Transaction : UnifiedRecord
{
    public override RecordKind Kind => RecordKind.Transaction;

    /// <summary><c>charge</c> · <c>refund</c> · <c>payout</c> · <c>payout_reversal</c> · <c>dispute</c> · <c>dispute_reversal</c> · <c>fee</c> · <c>transfer</c> · <c>adjustment</c> · <c>other</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The provider's own word for it.</summary>
    public required string ProviderType { get; init; }

    /// <summary><c>pending</c> · <c>posted</c>.</summary>
    public required string Status { get; init; }

    public required decimal Amount { get; init; }

    public required decimal Fee { get; init; }

    public required decimal Net { get; init; }

    /// <summary>ISO 4217, capitals.</summary>
    public required string Currency { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    public DateTimeOffset? AvailableAt { get; init; }

    public string? Description { get; init; }

    /// <summary>The provider's id of what caused it: charge, refund, payout, dispute.</summary>
    public string? SourceId { get; init; }

    /// <summary>The payout that it is part of, where the movement itself says so; else <see cref="PayoutEntry"/> may.</summary>
    public string? PayoutId { get; init; }
}
