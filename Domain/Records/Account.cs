namespace FinanceIntegrations.Domain.Records;

/// <summary>An account that holds or moves money.</summary>
public sealed record Account : UnifiedRecord
{
    public override RecordKind Kind => RecordKind.Account;

    public required string Name { get; init; }

    /// <summary>snake_case: <c>payment_processor</c>, <c>current</c>, <c>savings</c>, <c>credit_card</c>.</summary>
    public required string AccountType { get; init; }

    /// <summary>ISO 4217, capitals; null where the account holds several.</summary>
    public string? Currency { get; init; }

    /// <summary>ISO 3166-1 alpha-2.</summary>
    public string? Country { get; init; }

    /// <summary><c>enabled</c> · <c>restricted</c> · <c>closed</c>.</summary>
    public required string Status { get; init; }
}

/// <summary>What an account holds in one currency, at <see cref="UnifiedRecord.AsOf"/>.</summary>
public sealed record Balance : UnifiedRecord
{
    public override RecordKind Kind => RecordKind.Balance;

    /// <summary>The account's id at the provider.</summary>
    public required string AccountId { get; init; }

    public required string Currency { get; init; }

    /// <summary>Can be paid out or spent now. May be negative.</summary>
    public required decimal Available { get; init; }

    /// <summary>On its way, not yet available. May be negative.</summary>
    public required decimal Pending { get; init; }

    /// <summary>Held back by the provider; null where it does not say.</summary>
    public decimal? Reserved { get; init; }
}
