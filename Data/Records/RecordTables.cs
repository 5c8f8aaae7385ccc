using FinanceIntegrations.Domain.Records;
using static FinanceIntegrations.Data.Records.Column;

namespace FinanceIntegrations.Data.Records;

/// <summary>The unified model's tables, column by column (migrations 0002 and 0033).</summary>
internal static class RecordTables
{
    private static readonly RecordTable Accounts = new RecordTable<Account>("accounts",
        Text<Account>("name", r => r.Name),
        Text<Account>("account_type", r => r.AccountType),
        Text<Account>("currency", r => r.Currency),
        Text<Account>("country", r => r.Country),
        Text<Account>("status", r => r.Status));

    private static readonly RecordTable Balances = new RecordTable<Balance>("balances",
        Text<Balance>("account_id", r => r.AccountId),
        Text<Balance>("currency", r => r.Currency),
        Money<Balance>("available", r => r.Available),
        Money<Balance>("pending", r => r.Pending),
        Money<Balance>("reserved", r => r.Reserved));

    private static readonly RecordTable Transactions = new RecordTable<Transaction>("transactions",
        Text<Transaction>("type", r => r.Type),
        Text<Transaction>("provider_type", r => r.ProviderType),
        Text<Transaction>("status", r => r.Status),
        Money<Transaction>("amount", r => r.Amount),
        Money<Transaction>("fee", r => r.Fee),
        Money<Transaction>("net", r => r.Net),
        Text<Transaction>("currency", r => r.Currency),
        Time<Transaction>("occurred_at", r => r.OccurredAt),
        Time<Transaction>("available_at", r => r.AvailableAt),
        Text<Transaction>("description", r => r.Description),
        Text<Transaction>("source_id", r => r.SourceId),
        Text<Transaction>("payout_id", r => r.PayoutId));

    private static readonly RecordTable Payments = new RecordTable<Payment>("payments",
        Text<Payment>("type", r => r.Type),
        Text<Payment>("status", r => r.Status),
        Money<Payment>("amount", r => r.Amount),
        Money<Payment>("amount_refunded", r => r.AmountRefunded),
        Text<Payment>("currency", r => r.Currency),
        Time<Payment>("occurred_at", r => r.OccurredAt),
        Text<Payment>("parent_id", r => r.ParentId),
        Text<Payment>("transaction_id", r => r.TransactionId),
        Text<Payment>("customer_id", r => r.CustomerId),
        Text<Payment>("failure_code", r => r.FailureCode),
        Text<Payment>("description", r => r.Description),
        Flag<Payment>("disputed", r => r.Disputed));

    private static readonly RecordTable Payouts = new RecordTable<Payout>("payouts",
        Text<Payout>("status", r => r.Status),
        Money<Payout>("amount", r => r.Amount),
        Text<Payout>("currency", r => r.Currency),
        Time<Payout>("occurred_at", r => r.OccurredAt),
        Date<Payout>("arrival_date", r => r.ArrivalDate),
        Text<Payout>("method", r => r.Method),
        Flag<Payout>("automatic", r => r.Automatic),
        Text<Payout>("destination_id", r => r.DestinationId),
        Text<Payout>("transaction_id", r => r.TransactionId),
        Text<Payout>("failure_code", r => r.FailureCode),
        Text<Payout>("description", r => r.Description));

    private static readonly RecordTable PayoutEntries = new RecordTable<PayoutEntry>("payout_entries",
        Text<PayoutEntry>("payout_id", r => r.PayoutId),
        Text<PayoutEntry>("transaction_id", r => r.TransactionId),
        Text<PayoutEntry>("type", r => r.Type),
        Text<PayoutEntry>("provider_type", r => r.ProviderType),
        Money<PayoutEntry>("amount", r => r.Amount),
        Money<PayoutEntry>("fee", r => r.Fee),
        Money<PayoutEntry>("net", r => r.Net),
        Text<PayoutEntry>("currency", r => r.Currency),
        Time<PayoutEntry>("occurred_at", r => r.OccurredAt),
        Text<PayoutEntry>("source_id", r => r.SourceId));

    private static readonly RecordTable Disputes = new RecordTable<Dispute>("disputes",
        Text<Dispute>("status", r => r.Status),
        Text<Dispute>("reason", r => r.Reason),
        Money<Dispute>("amount", r => r.Amount),
        Text<Dispute>("currency", r => r.Currency),
        Time<Dispute>("occurred_at", r => r.OccurredAt),
        Text<Dispute>("payment_id", r => r.PaymentId),
        Time<Dispute>("evidence_due_at", r => r.EvidenceDueAt),
        Flag<Dispute>("has_evidence", r => r.HasEvidence));

    public static RecordTable Of(RecordKind kind) => kind switch
    {
        RecordKind.Account => Accounts,
        RecordKind.Balance => Balances,
        RecordKind.Transaction => Transactions,
        RecordKind.Payment => Payments,
        RecordKind.Payout => Payouts,
        RecordKind.PayoutEntry => PayoutEntries,
        RecordKind.Dispute => Disputes,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No table."),
    };
}
