using Npgsql;

namespace FinanceIntegrations.Data.Integrations;

/// <summary>Erases what an integration has brought in. The row itself stays, hidden, so that its id and its end can still be explained.</summary>
public sealed class PurgeStore(NpgsqlDataSource database)
{
    // Cursors first: a page on its way is fenced by its cursor's row, so it is in before it or not at all. Logs last: the rest may write some.
    private static readonly string[] Tables =
    [
        "sync_cursors", "webhook_deliveries", "webhook_endpoints", "transactions", "payments", "payouts", "payout_entries",
        "payout_entry_lists", "disputes", "balances", "balance_history", "accounts",
        "evidence_drafts", "parked_rows", "pass_rows", "attention_items", "operations", "followed_payouts", "sync_runs",
        "integration_logs",
    ];

    /// <summary>Deletes table by table; interrupted, it is simply called again. Indexes: each table's own that begins with integration_id.</summary>
    public async Task PurgeAsync(Guid integration, CancellationToken cancel)
    {
        // Events that came for this integration alone go with it; one that others share stays, with its payload.
        await ExecuteAsync("""
            delete from webhook_events e using webhook_deliveries d
            where d.integration_id = $1 and d.event_id = e.id
              and not exists (select 1 from webhook_deliveries o where o.event_id = e.id and o.integration_id <> $1)
            """, integration, cancel);
        foreach (var table in Tables) await ExecuteAsync($"delete from {table} where integration_id = $1", integration, cancel);
    }

    private async Task ExecuteAsync(string sql, Guid integration, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 0;
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = integration });
        await command.ExecuteNonQueryAsync(cancel);
    }
}
