using FinanceIntegrations.Data.Reading;
using Npgsql;

namespace FinanceIntegrations.Data.Disputes;

/// <summary>An integration's disputes in one currency.</summary>
public sealed record DisputeSums
{
    public required string Currency { get; init; }

    /// <summary>Not decided yet: the money at stake.</summary>
    public required DisputeSum Open { get; init; }

    /// <summary>Those of the open ones that need a response.</summary>
    public required DisputeSum NeedsResponse { get; init; }
    public required DisputeSum Won { get; init; }
    public required DisputeSum Lost { get; init; }

    /// <summary>Of those that need a response, the nearest last moment for evidence.</summary>
    public DateTimeOffset? NextDueAt { get; init; }
}

public sealed record DisputeSum(long Count, decimal Amount);

/// <summary>The money that disputes are about.</summary>
public sealed class DisputeMoney(NpgsqlDataSource database)
{
    // Index: disputes_money. A provider's newer word for a status is taken for undecided: money may be at stake.
    private const string SumsSql = """
        select currency,
               count(*) filter (where open), coalesce(sum(amount) filter (where open), 0),
               count(*) filter (where waits), coalesce(sum(amount) filter (where waits), 0),
               count(*) filter (where status = 'won'), coalesce(sum(amount) filter (where status = 'won'), 0),
               count(*) filter (where status = 'lost'), coalesce(sum(amount) filter (where status = 'lost'), 0),
               min(evidence_due_at) filter (where waits)
        from (select currency, status, amount, evidence_due_at, status not in ('won', 'lost', 'warning_closed', 'prevented') as open,
                     status in ('needs_response', 'warning_needs_response') as waits
              from disputes where integration_id = $1 and not deleted) d
        group by currency order by currency
        """;

    /// <returns>One of each currency that there is a dispute in.</returns>
    public async Task<IReadOnlyList<DisputeSums>> SumsAsync(Guid integration, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(SumsSql);
        return await command.With(integration).ListAsync(row => new DisputeSums
        {
            Currency = row.GetString(0),
            Open = Sum(row, 1),
            NeedsResponse = Sum(row, 3),
            Won = Sum(row, 5),
            Lost = Sum(row, 7),
            NextDueAt = row.TimeOrNull(9),
        }, cancel);
    }

    private static DisputeSum Sum(NpgsqlDataReader row, int column) => new(row.GetInt64(column), row.GetDecimal(column + 1));
}
