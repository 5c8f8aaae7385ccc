namespace FinanceIntegrations.Domain.Records;

/// <summary>Money that the provider sends to the user's bank.</summary>
public sealed record Payout : UnifiedRecord
{
    public override RecordKind Kind => RecordKind.Payout;

    /// <summary><c>pending</c> · <c>in_transit</c> · <c>paid</c> · <c>failed</c> · <c>canceled</c>; a provider's newer word is kept.</summary>
    public required string Status { get; init; }

    public required decimal Amount { get; init; }

    public required string Currency { get; init; }

    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>Day on which the money is expected at the bank.</summary>
    public DateOnly? ArrivalDate { get; init; }

    /// <summary><c>standard</c> · <c>instant</c>.</summary>
    public string? Method { get; init; }

    /// <summary>Made by the provider's own schedule.</summary>
    public bool? Automatic { get; init; }

    /// <summary>The provider's id of the bank account or card.</summary>
    public string? DestinationId { get; init; }

    public string? TransactionId { get; init; }

    public string? FailureCode { get; init; }

    public string? Description { get; init; }
}
