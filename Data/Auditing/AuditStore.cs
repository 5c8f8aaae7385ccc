using System.Text.Json;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Auditing;
using Npgsql;
using NpgsqlTypes;

namespace FinanceIntegrations.Data.Auditing;

/// <summary>The audit log: added to, read, and checked. What a grain does is added by the statement that stores its state.</summary>
public sealed class AuditStore(NpgsqlDataSource database)
{
    /// <summary>Chain of what is done to the deployment as a whole.</summary>
    private static readonly Guid Deployment = Guid.Empty;

    private static readonly JsonSerializerOptions Snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    // Indexes: audit_log_newest and audit_log_of_integration, in each month's partition that the time leaves.
    private static readonly string OfAllSql = ListSql("($5 is null)");
    private static readonly string OfOneSql = ListSql("integration_id = $5");

    // Index: audit_log_of_chain. The oldest entry that is kept has lost what was before it, where that was cleared away: it is what the rest hangs from.
    private const string BrokenSql = """
        with linked as (
            select l.chain, l.number, l.hash,
                lag(l.number) over chained as before,
                audit_hash(coalesce(lag(l.hash) over chained, ''), l) as ought
            from audit_log l
            where $1 is null or l.chain = $1
            window chained as (partition by l.chain order by l.number)),
        broken as (
            select chain, number from linked
            where case when before is null then number = 1 and hash <> ought else number <> before + 1 or hash <> ought end
            union all
            select c.chain, c.number from audit_chains c
            where ($1 is null or c.chain = $1) and c.number > 0
              and not exists (select from linked l where l.chain = c.chain and l.number = c.number and l.hash = c.hash))
        select (select count(*) from linked), chain, min(number) from broken group by chain
        union all
        select (select count(*) from linked), null, null where not exists (select from broken)
        """;

    /// <summary>Adds an entry about an integration, or, without one, about the deployment.</summary>
    public async Task AppendAsync(Guid? integration, string? owner, AuditEntry entry, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("select append_audit($1, $2, $3, $4)");
        command.With(integration ?? Deployment).With(integration).With(owner);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = JsonSerializer.Serialize(new[] { entry }, Snake), NpgsqlDbType = NpgsqlDbType.Jsonb });
        await command.ExecuteNonQueryAsync(cancel);
    }

    public async Task<IReadOnlyList<AuditRow>> ListAsync(AuditFilter filter, Period period, Position<Guid> after, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(filter.Integration is null ? OfAllSql : OfOneSql);
        command.With(after.At).With(after.Id).With(period.From).With(period.To).With(filter.Integration).With(filter.Actor).With(filter.Action).With(limit);
        return await command.ListAsync(row => new AuditRow
        {
            Id = row.GetGuid(0),
            At = row.Time(1),
            IntegrationId = row.IsDBNull(2) ? null : row.GetGuid(2),
            OwnerId = row.Text(3),
            Actor = row.GetString(4),
            Action = row.GetString(5),
            Subject = row.Text(6),
            Details = JsonSerializer.Deserialize<Dictionary<string, string?>>(row.GetString(7))!,
            Number = row.GetInt64(8),
            Hash = Convert.ToHexStringLower(row.GetFieldValue<byte[]>(9)),
        }, cancel);
    }

    /// <summary>Computes every hash again, of one integration's chain or of all. Reads all that it checks.</summary>
    public async Task<AuditVerdict> VerifyAsync(Guid? integration, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(BrokenSql);
        command.CommandTimeout = 0;
        command.With(integration);
        var rows = await command.ListAsync(
            row => (Entries: row.GetInt64(0), Chain: row.IsDBNull(1) ? (Guid?)null : row.GetGuid(1), Number: row.IsDBNull(2) ? 0 : row.GetInt64(2)), cancel);
        return new(rows[0].Entries, [.. rows.Where(row => row.Chain is not null).Select(row => new BrokenChain(row.Chain!.Value, row.Number))]);
    }

    private static string ListSql(string whose) => $"""
        select id, at, integration_id, owner_id, actor, action, subject, details::text, number, hash
        from audit_log
        where {whose} and (at, id) < ($1, $2) and at >= $3 and at < $4 and ($6 is null or actor = $6) and ($7 is null or action = $7)
        order by at desc, id desc
        limit $8
        """;
}

/// <param name="Actor">A user (<c>sub</c>), or <c>system</c>.</param>
public sealed record AuditFilter(Guid? Integration, string? Actor, string? Action);

/// <summary>An entry of the audit log.</summary>
public sealed record AuditRow
{
    public required Guid Id { get; init; }
    public required DateTimeOffset At { get; init; }
    public Guid? IntegrationId { get; init; }
    public string? OwnerId { get; init; }

    /// <summary>The user (<c>sub</c>), or <c>system</c>.</summary>
    public required string Actor { get; init; }
    public required string Action { get; init; }
    public string? Subject { get; init; }
    public required IReadOnlyDictionary<string, string?> Details { get; init; }

    /// <summary>Place in its chain, from 1.</summary>
    public required long Number { get; init; }

    /// <summary>SHA-256 over the hash before it and the entry, hex.</summary>
    public required string Hash { get; init; }
}

/// <param name="Entries">So many were checked.</param>
/// <param name="Broken">Chains that were changed, or of which entries are missing; none: the log is as it was written.</param>
public sealed record AuditVerdict(long Entries, IReadOnlyList<BrokenChain> Broken)
{
    public bool Intact => Broken.Count == 0;
}

/// <param name="Chain">The integration; zeros: the deployment as a whole.</param>
/// <param name="Number">The first entry that does not follow from the one before it, or is missing.</param>
public sealed record BrokenChain(Guid Chain, long Number);
