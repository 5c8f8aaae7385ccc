using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Sync;
using Npgsql;

namespace FinanceIntegrations.Data.Sync;

/// <summary>Paid payouts beside the sum of their entries.</summary>
public sealed class PayoutSums(NpgsqlDataSource database)
{
    /// <summary>
    /// Only what the provider pays by its own schedule has entries that must add up, and only once it is paid. Entries are summed once after
    /// each reading of them, and again where the payout's amount has changed.
    /// </summary>
    private const string JudgeSql = """
        update payout_entry_lists l set amount = p.amount, net = coalesce((
            select sum(e.net) from payout_lines e
            where e.integration_id = $1 and e.payout_id = l.payout_id and e.currency = p.currency and not e.deleted), 0)
        from payouts p
        where l.integration_id = $1 and p.integration_id = $1 and p.external_id = l.payout_id
          and p.status = 'paid' and p.automatic and not p.deleted and l.amount is distinct from p.amount
        """;

    /// <summary>Those that a person knows of come first, so that an item goes away only where its payout adds up.</summary>
    private const string DisagreeSql = """
        select l.payout_id, p.currency, l.amount, l.net, count(*) over ()
        from payout_entry_lists l
        join payouts p on p.integration_id = $1 and p.external_id = l.payout_id and p.status = 'paid' and not p.deleted
        left join attention_items a on a.integration_id = $1 and a.key = 'payout_mismatch:' || l.payout_id and a.resolved_at is null
        where l.integration_id = $1 and l.net <> l.amount and l.accepted is distinct from l.net - l.amount
        order by a.id is null, p.occurred_at desc, l.payout_id
        limit $2
        """;

    /// <summary>Payouts whose entries are read and do not add up to the amount, unless a person has accepted that difference.</summary>
    /// <param name="stream">That tells the entries.</param>
    public async Task<PayoutFindings> JudgeAsync(Guid integration, string stream, CancellationToken cancel)
    {
        // Indexes: the primary keys of payout_entry_lists and payouts, payout_entries_of_payout, transactions_of_payout, payout_entry_lists_disagree,
        // attention_items_one_open.
        await using (var judge = database.CreateCommand(JudgeSql)) await judge.With(integration).ExecuteNonQueryAsync(cancel);
        await using var command = database.CreateCommand(DisagreeSql);
        var count = 0L;
        var payouts = await command.With(integration).With(Trust.MostPayoutItems).ListAsync(row =>
        {
            count = row.GetInt64(4);
            return new PayoutFinding(row.GetString(0), stream, row.GetString(1), row.GetDecimal(2), row.GetDecimal(3));
        }, cancel);
        return new(count, payouts);
    }

    /// <summary>A person says that the payout is right though its entries differ: as long as they differ by so much, nobody is asked again.</summary>
    /// <returns>False: it adds up, or nobody has looked since its entries were read; nothing was changed.</returns>
    public async Task<bool> AcceptAsync(Guid integration, string payout, CancellationToken cancel)
    {
        // Index: the primary key of payout_entry_lists.
        await using var command = database.CreateCommand(
            "update payout_entry_lists set accepted = net - amount where integration_id = $1 and payout_id = $2 and net <> amount");
        return await command.With(integration).With(payout).ExecuteNonQueryAsync(cancel) == 1;
    }
}
