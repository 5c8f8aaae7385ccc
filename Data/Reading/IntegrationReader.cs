using Npgsql;

namespace FinanceIntegrations.Data.Reading;

/// <summary>Reads users' integrations. Every statement carries the owner: a foreign id reads like an unknown one.</summary>
public sealed class IntegrationReader(NpgsqlDataSource database)
{
    // Index: the primary key.
    private const string FindSql = """
        select id, owner_id, name, integration_type, provider, oauth_provider, config::text, metadata::text, sync_frequency_minutes, status,
               status_reason, is_active, external_account_id, health_score, last_sync_at, last_success_at, next_sync_at, token_expires_at,
               created_at, updated_at
        from integrations
        where id = $1 and owner_id = $2 and deleted_at is null
        """;

    // Index: integrations_by_owner.
    private const string ListSql = """
        select id, owner_id, name, integration_type, provider, oauth_provider, config::text, metadata::text, sync_frequency_minutes, status,
               status_reason, is_active, external_account_id, health_score, last_sync_at, last_success_at, next_sync_at, token_expires_at,
               created_at, updated_at
        from integrations
        where owner_id = $1 and deleted_at is null and (created_at, id) < ($2, $3)
          and ($4 is null or provider = $4) and ($5 is null or status = $5) and ($6 is null or integration_type = $6)
        order by created_at desc, id desc
        limit $7
        """;

    public async Task<IntegrationRow?> FindAsync(Guid id, string owner, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(FindSql);
        return await command.With(id).With(owner).FirstAsync(Read, cancel);
    }

    public async Task<IReadOnlyList<IntegrationRow>> ListAsync(
        string owner, IntegrationFilter filter, Position<Guid> after, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ListSql);
        command.With(owner).With(after.At).With(after.Id).With(filter.Provider).With(filter.Status).With(filter.Type).With(limit);
        return await command.ListAsync(Read, cancel);
    }

    private static IntegrationRow Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Owner = row.GetString(1),
        Name = row.GetString(2),
        Type = row.GetString(3),
        Provider = row.GetString(4),
        OAuthProvider = row.Text(5),
        Config = row.GetString(6),
        Metadata = row.GetString(7),
        SyncFrequencyMinutes = row.GetInt32(8),
        Status = row.GetString(9),
        StatusReason = row.GetString(10),
        IsActive = row.GetBoolean(11),
        ExternalAccountId = row.Text(12),
        HealthScore = (double)row.GetDecimal(13),
        LastSyncAt = row.TimeOrNull(14),
        LastSuccessAt = row.TimeOrNull(15),
        NextSyncAt = row.TimeOrNull(16),
        TokenExpiresAt = row.TimeOrNull(17),
        CreatedAt = row.Time(18),
        UpdatedAt = row.Time(19),
    };
}
