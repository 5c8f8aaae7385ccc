using System.Text.Json;
using System.Text.Json.Serialization;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Operations;
using Npgsql;

namespace FinanceIntegrations.Data.Disputes;

/// <summary>
/// Drafts of evidence and their files. Every change holds the draft's row, so that changes come one after another, and none after it was taken
/// to be handed in.
/// </summary>
public sealed class EvidenceDrafts(NpgsqlDataSource database)
{
    // Indexes: the primary keys of disputes and evidence_drafts, operations_of_subject. That a dispute is not deleted is no condition here: it would
    // invite an index of those that are not, and with it all of the integration's.
    // A claim of which no operation came is forgotten after two minutes: by then whoever made it has failed, and no call of theirs is under way.
    private const string FindSql = """
        select d.status, d.amount, d.currency, d.evidence_due_at, e.version, e.texts::text, e.updated_at, e.updated_by, o.id, o.status,
               exists (select 1 from operations s where s.integration_id = $1 and s.subject_id = $2 and s.kind = 'submit_evidence' and s.status <> 'failed')
               or coalesce(e.claimed_at > now() - interval '2 minutes' and not exists (select 1 from operations c where c.id = e.operation_id), false),
               d.deleted
        from disputes d
        left join evidence_drafts e on e.integration_id = d.integration_id and e.dispute_id = d.external_id
        left join lateral (
            select s.id, s.status from operations s
            where s.integration_id = $1 and s.subject_id = $2 and s.kind = 'submit_evidence' order by s.created_at desc limit 1) o on true
        where d.integration_id = $1 and d.external_id = $2
        """;

    // Index: evidence_files_of_draft.
    private const string FilesSql = """
        select id, purpose, name, media_type, size, sha256 from evidence_files where integration_id = $1 and dispute_id = $2 order by created_at, id
        """;

    // Indexes: the primary keys of disputes and evidence_drafts. Waits for whoever makes the same draft now; a purge waits for this.
    private const string MakeSql = """
        insert into evidence_drafts (integration_id, dispute_id, created_at, updated_at, updated_by)
        select $1, $2, $3, $3, $4 from disputes where integration_id = $1 and external_id = $2 for key share
        on conflict do nothing
        returning version
        """;

    // Index: the primary key.
    private const string HoldSql = "select version from evidence_drafts where integration_id = $1 and dispute_id = $2 for update";

    private const string TouchSql = """
        update evidence_drafts set version = nextval('evidence_versions'), updated_at = $3, updated_by = $4 where integration_id = $1 and dispute_id = $2
        """;

    private const string SaveSql = "update evidence_drafts set texts = $3::jsonb where integration_id = $1 and dispute_id = $2";

    private const string DeleteSql = "delete from evidence_drafts where integration_id = $1 and dispute_id = $2";

    private const string AddSql = """
        insert into evidence_files (id, integration_id, dispute_id, purpose, name, media_type, size, sha256, content, created_at, created_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """;

    // Index: the primary key.
    private const string RemoveSql = "delete from evidence_files where id = $3 and integration_id = $1 and dispute_id = $2";

    private const string ReadFileSql = """
        select name, media_type, content from evidence_files where id = $3 and integration_id = $1 and dispute_id = $2
        """;

    // Indexes: the primary keys, operations_of_subject. What the claim's own operation has become, its row tells.
    private const string TakenSql = """
        select coalesce(e.operation_id = $3, false) and exists (select 1 from operations o where o.id = $3),
               exists (select 1 from operations s where s.integration_id = $1 and s.subject_id = $2 and s.kind = 'submit_evidence' and s.status <> 'failed')
               or coalesce(e.operation_id <> $3 and e.claimed_at > now() - interval '2 minutes'
                           and not exists (select 1 from operations c where c.id = e.operation_id), false)
        from evidence_drafts e where e.integration_id = $1 and e.dispute_id = $2
        """;

    private const string ClaimSql = "update evidence_drafts set operation_id = $3, claimed_at = now() where integration_id = $1 and dispute_id = $2";

    private const string LeaveSql = """
        update evidence_drafts set operation_id = null, claimed_at = null
        where integration_id = $1 and dispute_id = $2 and operation_id = $3 and not exists (select 1 from operations o where o.id = $3)
        """;

    /// <returns>Null: we hold no such dispute. A draft of which nothing was saved yet is empty.</returns>
    public async Task<EvidenceDraft?> FindAsync(Guid integration, string dispute, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return await ReadAsync(connection, integration, dispute, cancel);
    }

    /// <summary>Replaces the texts; the files stay.</summary>
    /// <param name="expected">The version that the caller has seen; null: whatever it is.</param>
    public Task<DraftOutcome> SaveAsync(
        Guid integration, string dispute, DisputeEvidence texts, long? expected, string by, DateTimeOffset now, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var json = JsonSerializer.Serialize(texts with { Files = [] }, EvidenceJson.Default.DisputeEvidence);
        return ChangeAsync(integration, dispute, expected, by, now, async (connection, _) =>
        {
            await ExecuteAsync(connection, SaveSql, command => command.With(integration).With(dispute).With(json), cancel);
            return new(null, null);
        }, cancel);
    }

    /// <summary>Adds a file. The same one again changes nothing.</summary>
    public Task<DraftOutcome> AddAsync(
        Guid integration, string dispute, NewEvidenceFile added, long? expected, string by, DateTimeOffset now, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(added);
        var file = added.File;
        return ChangeAsync(integration, dispute, expected, by, now, async (connection, draft) =>
        {
            var held = draft.Evidence.Files;
            if (held.FirstOrDefault(other => (other.Purpose, other.Name, other.Sha256) == (file.Purpose, file.Name, file.Sha256)) is { } same)
                return new(draft, null) { File = same };
            if (EvidenceRules.RefusesFile(held, file.Purpose, file.Size) is { } refusal) return new(null, refusal);
            await ExecuteAsync(connection, AddSql, command => command.With(file.Id).With(integration).With(dispute).With(file.Purpose).With(file.Name)
                .With(file.MediaType).With(file.Size).With(file.Sha256).With(added.Content).With(now).With(by), cancel);
            return new(null, null) { File = file };
        }, cancel);
    }

    public Task<DraftOutcome> RemoveAsync(
        Guid integration, string dispute, Guid file, long? expected, string by, DateTimeOffset now, CancellationToken cancel) =>
        ChangeAsync(integration, dispute, expected, by, now, async (connection, _) =>
            await ExecuteAsync(connection, RemoveSql, command => command.With(integration).With(dispute).With(file), cancel) == 0
                ? new(null, DraftRefusals.FileUnknown)
                : new(null, null), cancel);

    /// <summary>Texts and files. What is not there is gone, too.</summary>
    public Task<DraftOutcome> DeleteAsync(Guid integration, string dispute, long? expected, string by, DateTimeOffset now, CancellationToken cancel) =>
        ChangeAsync(integration, dispute, expected, by, now, async (connection, _) =>
        {
            await ExecuteAsync(connection, DeleteSql, command => command.With(integration).With(dispute), cancel);
            return new(null, null);
        }, cancel);

    public async Task<StoredEvidenceFile?> ReadFileAsync(Guid integration, string dispute, Guid file, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ReadFileSql);
        return await command.With(integration).With(dispute).With(file)
            .FirstAsync(row => new StoredEvidenceFile(row.GetString(0), row.GetString(1), row.GetFieldValue<byte[]>(2)), cancel);
    }

    /// <summary>Takes the draft as it stands, to be handed in by that operation: from now on it is locked, unless the operation fails.</summary>
    /// <remarks>The same operation may take it again: it did not hear how the first time ended.</remarks>
    public async Task<DraftOutcome> TakeAsync(Guid integration, string dispute, Guid operation, long? expected, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await ExecuteAsync(connection, HoldSql, command => command.With(integration).With(dispute), cancel);
        if (await ReadAsync(connection, integration, dispute, cancel) is not { } draft) return new(null, DraftRefusals.NotHeld);
        var (again, locked) = await TakenAsync(connection, integration, dispute, operation, cancel);
        if (again) return new(draft, null);
        if (expected is { } seen && seen != draft.Version) return new(draft, DraftRefusals.Stale);
        if (locked) return new(draft, DraftRefusals.Locked);
        if (draft.Evidence.SaysNothing) return new(draft, DraftRefusals.Empty);
        await ExecuteAsync(connection, ClaimSql, command => command.With(integration).With(dispute).With(operation), cancel);
        await transaction.CommitAsync(cancel);
        return new(draft, null);
    }

    /// <summary>The operation was refused before it began: the draft is free again.</summary>
    public async Task LeaveAsync(Guid integration, string dispute, Guid operation, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(LeaveSql);
        await command.With(integration).With(dispute).With(operation).ExecuteNonQueryAsync(cancel);
    }

    /// <param name="change">Does it. What it answers with a draft, or with a refusal, has changed nothing.</param>
    private async Task<DraftOutcome> ChangeAsync(
        Guid integration, string dispute, long? expected, string by, DateTimeOffset now,
        Func<NpgsqlConnection, EvidenceDraft, Task<DraftOutcome>> change, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using var make = new NpgsqlCommand(MakeSql, connection);
        var isNew = await make.With(integration).With(dispute).With(now).With(by).ExecuteScalarAsync(cancel) is not null;
        await ExecuteAsync(connection, HoldSql, command => command.With(integration).With(dispute), cancel);
        if (await ReadAsync(connection, integration, dispute, cancel) is not { } draft) return new(null, DraftRefusals.NotHeld);
        if (expected is { } seen && seen != (isNew ? 0 : draft.Version)) return new(draft, DraftRefusals.Stale);
        if (draft.Locked) return new(draft, DraftRefusals.Locked);
        var done = await change(connection, draft);
        if (done.Draft is not null || done.Refusal is not null) return done;
        await ExecuteAsync(connection, TouchSql, command => command.With(integration).With(dispute).With(now).With(by), cancel);
        var changed = await ReadAsync(connection, integration, dispute, cancel);
        await transaction.CommitAsync(cancel);
        return done with { Draft = changed };
    }

    private static async Task<EvidenceDraft?> ReadAsync(NpgsqlConnection connection, Guid integration, string dispute, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new(FindSql) { Parameters = { Value(integration), Value(dispute) } },
                new(FilesSql) { Parameters = { Value(integration), Value(dispute) } },
            },
        };
        await using var row = await batch.ExecuteReaderAsync(cancel);
        if (!await row.ReadAsync(cancel) || row.GetBoolean(11)) return null;
        var saved = !row.IsDBNull(4);
        var draft = new EvidenceDraft
        {
            DisputeId = dispute,
            DisputeStatus = row.GetString(0),
            Amount = row.GetDecimal(1),
            Currency = row.GetString(2),
            EvidenceDueAt = row.TimeOrNull(3),
            Version = saved ? row.GetInt64(4) : 0,
            Evidence = saved ? JsonSerializer.Deserialize(row.GetString(5), EvidenceJson.Default.DisputeEvidence)! : new(),
            UpdatedAt = row.TimeOrNull(6),
            UpdatedBy = row.Text(7),
            OperationId = row.IsDBNull(8) ? null : row.GetGuid(8),
            OperationStatus = row.Text(9),
            Locked = row.GetBoolean(10),
        };
        await row.NextResultAsync(cancel);
        List<EvidenceFile> files = [];
        while (await row.ReadAsync(cancel))
            files.Add(new(row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt64(4), row.GetString(5)));
        return files.Count == 0 ? draft : draft with { Evidence = draft.Evidence with { Files = files } };
    }

    private static async Task<(bool Again, bool Locked)> TakenAsync(
        NpgsqlConnection connection, Guid integration, string dispute, Guid operation, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(TakenSql, connection);
        await using var row = await command.With(integration).With(dispute).With(operation).ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) ? (row.GetBoolean(0), row.GetBoolean(1)) : default;
    }

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, Action<NpgsqlCommand> fill, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        fill(command);
        return await command.ExecuteNonQueryAsync(cancel);
    }

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DisputeEvidence))]
internal sealed partial class EvidenceJson : JsonSerializerContext;
