using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using FinanceIntegrations.Domain.Budgets;
using Npgsql;

namespace FinanceIntegrations.Data.Reading;

/// <summary>One limit of one budget, as it stands now.</summary>
public sealed record CallBudgetRow
{
    public required string Provider { get; init; }

    /// <summary>Empty: the deployment's app as a whole.</summary>
    public required string Account { get; init; }
    public required string Class { get; init; }
    public required TimeSpan Per { get; init; }
    public required int Calls { get; init; }

    /// <summary>Made, or lost with whoever had leased them.</summary>
    public required int Used { get; init; }

    /// <summary>Given out, and not accounted for yet.</summary>
    public required int Leased { get; init; }
    public required int Left { get; init; }

    /// <summary>When the next calls come back; null: all are there.</summary>
    public DateTimeOffset? RefillsAt { get; init; }

    /// <summary>The provider asked to wait until then.</summary>
    public DateTimeOffset? BlockedUntil { get; init; }
    public required IReadOnlyList<BudgetWaiting> Waiting { get; init; }
}

/// <summary>Calls that wait for a budget, of one lane on one silo.</summary>
public sealed record BudgetWaiting(Lane Lane, int Calls, DateTimeOffset Since)
{
    /// <summary>When the silo last said so.</summary>
    public DateTimeOffset Seen { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Dictionary<string, BudgetWaiting>))]
internal sealed partial class BudgetJson : JsonSerializerContext;

/// <summary>Reads call budgets. One that nobody has used for the length of its period has no row, or a full one.</summary>
public sealed class CallBudgetReader(NpgsqlDataSource database)
{
    private const string Columns = """
        provider, account, class, period_us, calls, slot_us, offset_us, next_at, newest, used, leased, leased_until, blocked_until, waiting::text, clock_timestamp()
        """;

    // Index: the primary key.
    private const string OfAccountSql = $"""
        select {Columns} from call_budgets where provider = $1 and account in ('', $2) order by account desc, class, period_us
        """;

    // Reads the whole table, for an administrator.
    private const string AllSql = $"""
        select {Columns} from call_budgets where $1 is null or provider = $1
        order by provider, account <> '', waiting = jsonb_build_object(), updated_at desc, account, class, period_us limit $2
        """;

    /// <summary>A silo that waits says so every few seconds.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(15);

    /// <summary>An account's budgets at a provider, and those of the app, which it shares with all others.</summary>
    public async Task<IReadOnlyList<CallBudgetRow>> OfAccountAsync(string provider, string account, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(OfAccountSql);
        return await command.With(provider).With(account).ListAsync(Read, cancel);
    }

    /// <summary>Of every provider: the app's first, then those that somebody waits for, then what was used last.</summary>
    /// <param name="provider">Null: any.</param>
    public async Task<IReadOnlyList<CallBudgetRow>> ListAsync(string? provider, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(AllSql);
        return await command.With(provider).With(limit).ListAsync(Read, cancel);
    }

    private static CallBudgetRow Read(NpgsqlDataReader row)
    {
        var now = row.Time(14);
        var limit = new CallLimit { Calls = row.GetInt32(4), Per = TimeSpan.FromMicroseconds(row.GetInt64(3)) };
        var leased = Moment(row, 11) > now ? row.GetInt32(10) : 0;
        var (taken, refills) = row.GetInt64(5) == 0 ? Paced(limit, Moment(row, 7), now) : Counted(row, now);
        var waiting = JsonSerializer.Deserialize(row.GetString(13), BudgetJson.Default.DictionaryStringBudgetWaiting) ?? [];
        return new()
        {
            Provider = row.GetString(0),
            Account = row.GetString(1),
            Class = row.GetString(2),
            Per = limit.Per,
            Calls = limit.Calls,
            Used = Math.Max(0, taken - leased),
            Leased = Math.Min(leased, taken),
            Left = Math.Max(0, limit.Calls - taken),
            RefillsAt = refills,
            BlockedUntil = Moment(row, 12) is var blocked && blocked > now ? blocked : null,
            Waiting = [.. waiting.Values.Where(w => now - w.Seen < Fresh).OrderBy(w => w.Lane).ThenBy(w => w.Since)],
        };
    }

    /// <summary>What is given out ahead of now.</summary>
    private static (int Taken, DateTimeOffset? Refills) Paced(CallLimit limit, DateTimeOffset next, DateTimeOffset now) =>
        next <= now ? (0, null) : (Math.Min(limit.Calls, (int)Math.Ceiling((next - now) / limit.Spacing)), next);

    private static (int Taken, DateTimeOffset? Refills) Counted(NpgsqlDataReader row, DateTimeOffset now)
    {
        var (length, offset) = (TimeSpan.FromMicroseconds(row.GetInt64(5)), DateTimeOffset.UnixEpoch + TimeSpan.FromMicroseconds(row.GetInt64(6)));
        var used = row.GetFieldValue<int[]>(9);
        var seen = new WindowCount(row.GetInt64(8), ImmutableArray.Create(used)).At((now - offset).Ticks / length.Ticks);
        var taken = seen.ByLane(stackalloc int[Lanes.Count]);
        return (taken, seen.OldestUsed is { } oldest ? offset + (length * (oldest + (used.Length / Lanes.Count))) : null);
    }

    /// <summary>Never, as PostgreSQL has it, reads as the smallest moment.</summary>
    private static DateTimeOffset Moment(NpgsqlDataReader row, int column) =>
        new(DateTime.SpecifyKind(row.GetDateTime(column), DateTimeKind.Utc));
}
