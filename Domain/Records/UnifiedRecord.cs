namespace FinanceIntegrations.Domain.Records;

/// <summary>The unified model's tables that have a mapping.</summary>
public enum RecordKind
{
    Account,
    Balance,
    Transaction,
    Payment,
    Payout,
    PayoutEntry,
    Dispute,
}

/// <summary>What every record of the unified model carries, whoever it comes from.</summary>
public abstract record UnifiedRecord
{
    /// <summary>The provider's id; unique within the integration and the table.</summary>
    public required string ExternalId { get; init; }

    /// <summary>The moment, by the provider's clock, at which this was the record's state. An older state never overwrites a newer one.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>Orders states within one second: how far along its life the record is (0–9).</summary>
    public int Rank { get; init; }

    /// <summary>The provider's own JSON, byte for byte.</summary>
    public required ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>The provider says that it is gone.</summary>
    public bool Deleted { get; init; }

    public abstract RecordKind Kind { get; }
}
