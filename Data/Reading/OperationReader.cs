using System.Text.Json;
using Npgsql;

namespace FinanceIntegrations.Data.Reading;

/// <summary>A write to the provider: what was asked for, and what became of it.</summary>
public sealed record Operation
{
    public required Guid OperationId { get; init; }
    public required Guid IntegrationId { get; init; }

    /// <summary>create_payout, cancel_payout, submit_evidence or accept_dispute.</summary>
    public required string Kind { get; init; }

    /// <summary>The provider's id of what it changes; null where it makes something.</summary>
    public string? SubjectId { get; init; }

    /// <summary>As it was asked for.</summary>
    public required JsonElement Wanted { get; init; }

    /// <summary>Ours; the provider's object carries it where it has a place for it.</summary>
    public required string Reference { get; init; }
    public required string RequestedBy { get; init; }

    /// <summary>sending, outcome_unknown (it is looked up, and never sent again), succeeded, or failed: it has surely not happened.</summary>
    public required string Status { get; init; }

    /// <summary>The object at the provider that was made or changed.</summary>
    public string? ExternalId { get; init; }
    public string? ProviderStatus { get; init; }
    public string? ErrorClass { get; init; }
    public string? ErrorCode { get; init; }
    public string? Message { get; init; }

    /// <summary>The user who said what became of it, where nobody could tell.</summary>
    public string? DecidedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public DateTimeOffset? SettledAt { get; init; }
}

/// <summary>Reads an integration's writes.</summary>
public sealed class OperationReader(NpgsqlDataSource database)
{
    private const string Columns = """
        id, integration_id, kind, subject_id, wanted::text, reference, requested_by, status, external_id, provider_status, error_class, error_code,
        message, decided_by, created_at, updated_at, settled_at
        """;

    // Index: operations_newest.
    private const string ListSql = $"""
        select {Columns} from operations
        where integration_id = $1 and (created_at, id) < ($2, $3) and ($4 is null or kind = $4) and ($5 is null or status = $5)
        order by created_at desc, id desc limit $6
        """;

    // Index: the primary key.
    private const string FindSql = $"select {Columns} from operations where id = $1 and integration_id = $2";

    /// <param name="kind">Null: any.</param>
    /// <param name="status">Null: any.</param>
    public async Task<IReadOnlyList<Operation>> ListAsync(
        Guid integration, string? kind, string? status, Position<Guid> after, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ListSql);
        command.With(integration).With(after.At).With(after.Id).With(kind).With(status).With(limit);
        return await command.ListAsync(Read, cancel);
    }

    public async Task<Operation?> FindAsync(Guid integration, Guid operation, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(FindSql);
        return await command.With(operation).With(integration).FirstAsync(Read, cancel);
    }

    private static Operation Read(NpgsqlDataReader row) => new()
    {
        OperationId = row.GetGuid(0),
        IntegrationId = row.GetGuid(1),
        Kind = row.GetString(2),
        SubjectId = row.Text(3),
        Wanted = JsonElement.Parse(row.GetString(4)),
        Reference = row.GetString(5),
        RequestedBy = row.GetString(6),
        Status = row.GetString(7),
        ExternalId = row.Text(8),
        ProviderStatus = row.Text(9),
        ErrorClass = row.Text(10),
        ErrorCode = row.Text(11),
        Message = row.Text(12),
        DecidedBy = row.Text(13),
        CreatedAt = row.Time(14),
        UpdatedAt = row.Time(15),
        SettledAt = row.TimeOrNull(16),
    };
}
