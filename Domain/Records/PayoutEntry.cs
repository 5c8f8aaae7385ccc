namespace FinanceIntegrations.Domain.Records;

/// <summary>
/// One movement that a payout carries to the bank. The entries' net adds up to the payout's amount: the payout's own movement is none of them.
/// </summary>
/// <remarks>For providers that tell it apart from the movements. Where a movement names its payout itself, <see cref="Transaction.PayoutId"/> says the same.</remarks>
public sealed record PayoutEntry : UnifiedRecord
{
    public override RecordKind Kind => RecordKind.PayoutEntry;

    /// <summary>The payout that it is part of.</summary>
    public required string PayoutId { get; init; }

    /// <summary>The movement on the account.</summary>
    public required string TransactionId { get; init; }

    /// <summary>As of <see cref="Transaction.Type"/>.</summary>
    public required string Type { get; init; }

    /// <summary>The provider's own word for it.</summary>
    public required string ProviderType { get; init; }

    public required decimal Amount { get; init; }

    public required decimal Fee { get; init; }

    /// <summary>Amount less fee; negative: the payout is smaller by it.</summary>
    public required decimal Net { get; init; }

    /// <summary>ISO 4217, capitals.</summary>
    public required string Currency { get; init; }

    /// <summary>When the movement was made.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The provider's id of what caused it: charge, refund, dispute, another payout.</summary>
    public string? SourceId { get; init; }

    /// <summary>Unique though one movement were part of two payouts.</summary>
    public static string IdOf(string payout, string transaction) => $"{payout}:{transaction}";
}
