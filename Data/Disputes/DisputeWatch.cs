using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Attention;
using Npgsql;

namespace FinanceIntegrations.Data.Disputes;

/// <param name="Waiting">The nearest deadline first.</param>
/// <param name="Answered">Disputes whose item is open, and that need no response any more.</param>
public sealed record DisputesSeen(IReadOnlyList<WaitingDispute> Waiting, IReadOnlyList<string> Answered);

/// <summary>Which disputes need a response, and what was told of them.</summary>
public sealed class DisputeWatch(NpgsqlDataSource database)
{
    /// <summary>So many of the nearest are looked at; more than that no person keeps up with.</summary>
    private const int Most = 1_000;

    // Indexes: disputes_waiting, attention_items_of_disputes.
    private const string WaitingSql = """
        select d.external_id, d.reason, d.amount, d.currency, d.evidence_due_at, a.due_at, a.updated_at, a.resolved_by, a.choice
        from disputes d
        left join lateral (
            select i.due_at, i.updated_at, i.resolved_by, i.choice from attention_items i
            where i.integration_id = d.integration_id and i.key = 'dispute_due:' || d.external_id and i.kind = 'dispute_due'
            order by i.raised_at desc limit 1) a on true
        where d.integration_id = $1 and d.status in ('needs_response', 'warning_needs_response') and not d.deleted and d.evidence_due_at is not null
        order by d.evidence_due_at limit $2
        """;

    // Indexes: attention_items_of_disputes, the primary key of disputes.
    private const string AnsweredSql = """
        select substr(a.key, 13) from attention_items a
        where a.integration_id = $1 and a.kind = 'dispute_due' and a.resolved_at is null and not exists (
            select 1 from disputes d
            where d.integration_id = $1 and d.external_id = substr(a.key, 13) and d.status in ('needs_response', 'warning_needs_response')
              and not d.deleted and d.evidence_due_at is not null)
        """;

    public async Task<DisputesSeen> LookAsync(Guid integration, CancellationToken cancel)
    {
        await using var batch = database.CreateBatch();
        batch.BatchCommands.Add(new(WaitingSql) { Parameters = { Value(integration), Value(Most) } });
        batch.BatchCommands.Add(new(AnsweredSql) { Parameters = { Value(integration) } });
        await using var row = await batch.ExecuteReaderAsync(cancel);
        List<WaitingDispute> waiting = [];
        while (await row.ReadAsync(cancel))
            waiting.Add(new(row.GetString(0), row.GetString(1), row.GetDecimal(2), row.GetString(3), row.Time(4),
                row.IsDBNull(6) ? null : new(row.TimeOrNull(5), row.Time(6), row.Text(7), row.Text(8))));
        await row.NextResultAsync(cancel);
        List<string> answered = [];
        while (await row.ReadAsync(cancel)) answered.Add(row.GetString(0));
        return new(waiting, answered);
    }

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };
}
