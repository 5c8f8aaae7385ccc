using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Budgets;
using Npgsql;
using NpgsqlTypes;

namespace FinanceIntegrations.Data.Budgets;

/// <summary>A process's request for calls of one budget, and what it has to say of its last lease.</summary>
public sealed record LeaseRequest
{
    public required BudgetKey Budget { get; init; }

    public required Lane Lane { get; init; }

    /// <summary>0: only settle.</summary>
    public int Want { get; init; }

    /// <summary>How long the lane's longest waiter has waited.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>A paced lease begins so much later than now: the answer must have arrived.</summary>
    public TimeSpan Lead { get; init; }

    /// <summary>Who asks: the process, unique.</summary>
    public required string Holder { get; init; }

    /// <summary>Calls that wait there now, the one that is asked for included.</summary>
    public int Waiting { get; init; }

    /// <summary>The last lease, where it has not been settled yet.</summary>
    public CallLease Last { get; init; }

    /// <summary>Of the last lease.</summary>
    public int Unused { get; init; }

    /// <summary>For tests. Null: PostgreSQL's own clock.</summary>
    public DateTimeOffset? Now { get; init; }
}

/// <summary>What the statement answers.</summary>
/// <param name="AskedAt">PostgreSQL's clock when it decided; the lease's times are of the same clock.</param>
public readonly record struct LeaseReply(CallLease Lease, DateTimeOffset AskedAt);

/// <summary>Call budgets that all silos share. PostgreSQL's clock decides; one statement gives out, so that no two silos get the same call.</summary>
public sealed class CallBudgetStore(NpgsqlDataSource database)
{
    // Index: the primary key, once per limit.
    private const string LeaseSql = """
        select granted, asked_at, from_at, until_at, remaining, refused_until
        from lease_calls($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)
        """;

    // Index: the primary key.
    private const string BlockSql = """
        update call_budgets set blocked_until = greatest(blocked_until, clock_timestamp() + $4), updated_at = clock_timestamp()
        where provider = $1 and account = $2 and class = $3
        """;

    // Index: the primary key.
    private const string ObserveSql = "select observe_calls($1, $2, $3, $4, $5, $6)";

    // Reads the whole table, once a day.
    private const string ForgetSql = """
        delete from call_budgets
        where updated_at + greatest(interval '1 day', period_us * interval '2 microseconds') < clock_timestamp() and blocked_until < clock_timestamp()
        """;

    /// <summary>Settles the last lease and takes another, in one statement.</summary>
    /// <exception cref="NpgsqlException">The database is away: nothing may be called.</exception>
    public async Task<LeaseReply> LeaseAsync(LeaseRequest request, BudgetLayout layout, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(LeaseSql);
        command.With(request.Budget.Provider).With(request.Budget.Account).With(request.Budget.Class);
        command.With((int)request.Lane).With(request.Want).With(BudgetLayout.Microseconds(Lanes.Horizon(request.Lane, request.Waited)));
        command.With(BudgetLayout.Microseconds(CallLimit.LongestLease)).With(BudgetLayout.Microseconds(CallLimit.LongestPacedLease));
        command.With(layout.Periods).With(layout.Calls).With(layout.Spacings).With(layout.SlotLengths).With(layout.Slots).With(layout.Offsets);
        command.With(layout.Closes).With(layout.Kept(request.Lane)).With(layout.Least);
        command.With(request.Last.Calls).With(request.Unused).With(request.Last.Calls == 0 ? DateTimeOffset.UnixEpoch : request.Last.From);
        command.With(request.Holder).With(request.Waiting).With(BudgetLayout.Microseconds(request.Waited));
        command.With(BudgetLayout.Microseconds(request.Lead));
        command.Parameters.Add(Moment(request.Now));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        var (granted, from, until) = (reader.GetInt32(0), reader.Time(2), reader.Time(3));
        var spacing = granted == 0 ? TimeSpan.Zero : layout.Limits.Max(l => l.Spacing);
        var left = reader.IsDBNull(4) ? int.MaxValue : reader.GetInt32(4);
        return new(new(granted, from, spacing, until, left, reader.TimeOrNull(5)), reader.Time(1));
    }

    /// <summary>Nothing more is given out for so long: the provider asked for it.</summary>
    public async Task BlockAsync(BudgetKey budget, TimeSpan wait, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(BlockSql);
        await command.With(budget.Provider).With(budget.Account).With(budget.Class).With(wait).ExecuteNonQueryAsync(cancel);
    }

    /// <summary>The provider says how many calls it still allows in that period.</summary>
    /// <param name="now">For tests. Null: PostgreSQL's own clock.</param>
    public async Task ObserveAsync(BudgetKey budget, TimeSpan per, int remaining, CancellationToken cancel, DateTimeOffset? now = null)
    {
        await using var command = database.CreateCommand(ObserveSql);
        command.With(budget.Provider).With(budget.Account).With(budget.Class).With(BudgetLayout.Microseconds(per)).With(remaining);
        command.Parameters.Add(Moment(now));
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Forgets budgets whose periods are long over: unused, they are full again.</summary>
    /// <returns>How many limits.</returns>
    public async Task<int> ForgetAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ForgetSql);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    private static NpgsqlParameter<DateTimeOffset?> Moment(DateTimeOffset? at) => new() { TypedValue = at, NpgsqlDbType = NpgsqlDbType.TimestampTz };
}
