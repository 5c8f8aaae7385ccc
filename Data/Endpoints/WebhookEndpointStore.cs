using FinanceIntegrations.Data.Reading;
using Npgsql;

namespace FinanceIntegrations.Data.Endpoints;

/// <summary>Integrations' own webhook endpoints. The app's endpoints, which have no integration, are out of reach here.</summary>
public sealed class WebhookEndpointStore(NpgsqlDataSource database)
{
    // Index: webhook_endpoints_of_integration.
    private const string ListSql = """
        select id, integration_id, provider, description, event_types, is_active, previous_secret_expires_at, created_at, updated_at
        from webhook_endpoints
        where integration_id = $1 and (created_at, id) < ($2, $3)
        order by created_at desc, id desc
        limit $4
        """;

    // Index: the primary key.
    private const string FindSql = """
        select id, integration_id, provider, description, event_types, is_active, previous_secret_expires_at, created_at, updated_at
        from webhook_endpoints
        where id = $1 and integration_id = $2
        """;

    private const string CreateSql = """
        insert into webhook_endpoints (id, integration_id, provider, description, event_types, is_active, secret, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
        returning id, integration_id, provider, description, event_types, is_active, previous_secret_expires_at, created_at, updated_at
        """;

    // Index: the primary key.
    private const string UpdateSql = """
        update webhook_endpoints set description = $3, event_types = $4, is_active = $5, updated_at = $6
        where id = $1 and integration_id = $2
        returning id, integration_id, provider, description, event_types, is_active, previous_secret_expires_at, created_at, updated_at
        """;

    // Index: the primary key. Refused where a secret would be cut off that was promised to be taken longer.
    private const string RotateSql = """
        update webhook_endpoints
        set previous_secret = case when $4 > $5 then case when $6 and previous_secret_expires_at > $5 then previous_secret else secret end end,
            previous_secret_expires_at = case when $4 > $5 then $4 end,
            secret = $3, updated_at = $5
        where id = $1 and integration_id = $2 and ($6 or $4 <= $5 or previous_secret_expires_at > $5 is not true)
        returning id, integration_id, provider, description, event_types, is_active, previous_secret_expires_at, created_at, updated_at
        """;

    // Index: the primary key.
    private const string SecretSql = "select secret from webhook_endpoints where id = $1 and integration_id = $2";

    /// <summary>However many events an endpoint has, no statement takes long.</summary>
    private const int EventsAtOnce = 1_000;

    // Index: the primary key.
    private const string CloseSql = "update webhook_endpoints set is_active = false where id = $1 and integration_id = $2";

    // Index: webhook_events_once.
    private const string EventsSql = """
        select id, provider_event_id from webhook_events where endpoint_id = $1 and provider_event_id > $2
        order by provider_event_id limit $3
        """;

    // Indexes: webhook_deliveries_by_event, and the primary key of webhook_events. Locked in the order in which a delivery's end locks them.
    private const string DeleteDeliveriesSql = "delete from webhook_deliveries where event_id = any ($1)";
    private const string DeleteEventsSql = "delete from webhook_events where id = any ($1)";

    // Index: the primary key. What came meanwhile goes with it.
    private const string DeleteSql = "delete from webhook_endpoints where id = $1 and integration_id = $2";

    public async Task<IReadOnlyList<WebhookEndpointRow>> ListAsync(Guid integration, Position<Guid> after, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ListSql);
        return await command.With(integration).With(after.At).With(after.Id).With(limit).ListAsync(Read, cancel);
    }

    public async Task<WebhookEndpointRow?> FindAsync(Guid integration, Guid endpoint, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(FindSql);
        return await command.With(endpoint).With(integration).FirstAsync(Read, cancel);
    }

    /// <param name="sealedSecret">From <see cref="WebhookSecrets.Seal"/>.</param>
    public async Task<WebhookEndpointRow> CreateAsync(
        Guid endpoint, Guid integration, string provider, WebhookEndpointDefinition definition, string sealedSecret, DateTimeOffset now,
        CancellationToken cancel)
    {
        await using var command = database.CreateCommand(CreateSql);
        command.With(endpoint).With(integration).With(provider).With(definition.Description).With(definition.EventTypes?.ToArray())
            .With(definition.IsActive).With(sealedSecret).With(now);
        return (await command.FirstAsync(Read, cancel))!;
    }

    /// <returns>Null: no such endpoint.</returns>
    public async Task<WebhookEndpointRow?> UpdateAsync(
        Guid integration, Guid endpoint, WebhookEndpointDefinition definition, DateTimeOffset now, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(UpdateSql);
        command.With(endpoint).With(integration).With(definition.Description).With(definition.EventTypes?.ToArray()).With(definition.IsActive)
            .With(now);
        return await command.FirstAsync(Read, cancel);
    }

    /// <summary>Puts a new secret in force. While another is taken besides, only a rotation that says what becomes of that one is done.</summary>
    /// <returns>Null: no such endpoint, or refused.</returns>
    public async Task<WebhookEndpointRow?> RotateAsync(
        Guid integration, Guid endpoint, SecretRotation rotation, DateTimeOffset now, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(rotation);
        await using var command = database.CreateCommand(RotateSql);
        command.With(endpoint).With(integration).With(rotation.SealedSecret).With(rotation.PreviousUntil).With(now).With(rotation.ReplacesLast);
        return await command.FirstAsync(Read, cancel);
    }

    /// <summary>The secret in force, sealed; null: no such endpoint.</summary>
    public async Task<string?> SecretAsync(Guid integration, Guid endpoint, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(SecretSql);
        return await command.With(endpoint).With(integration).ExecuteScalarAsync(cancel) as string;
    }

    /// <summary>Deletes it with its events. Cut off in between, it takes nothing more, and the same again does the rest.</summary>
    /// <returns>False: no such endpoint.</returns>
    public async Task<bool> DeleteAsync(Guid integration, Guid endpoint, CancellationToken cancel)
    {
        await using var close = database.CreateCommand(CloseSql);
        if (await close.With(endpoint).With(integration).ExecuteNonQueryAsync(cancel) == 0) return false;
        var after = "";
        while (await EventsAsync(endpoint, after, cancel) is [.., var last] events)
        {
            await DeleteEventsAsync([.. events.Select(one => one.Id)], cancel);
            after = last.Name;
        }
        await using var command = database.CreateCommand(DeleteSql);
        await command.With(endpoint).With(integration).ExecuteNonQueryAsync(cancel);
        return true;
    }

    private async Task<IReadOnlyList<(long Id, string Name)>> EventsAsync(Guid endpoint, string after, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(EventsSql);
        return await command.With(endpoint).With(after).With(EventsAtOnce).ListAsync(row => (row.GetInt64(0), row.GetString(1)), cancel);
    }

    private async Task DeleteEventsAsync(long[] events, CancellationToken cancel)
    {
        await using var batch = database.CreateBatch();   // one transaction
        foreach (var sql in new[] { DeleteDeliveriesSql, DeleteEventsSql })
            batch.BatchCommands.Add(new(sql) { Parameters = { new NpgsqlParameter<long[]> { TypedValue = events } } });
        await batch.ExecuteNonQueryAsync(cancel);
    }

    private static WebhookEndpointRow Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        IntegrationId = row.GetGuid(1),
        Provider = row.GetString(2),
        Description = row.GetString(3),
        EventTypes = row.IsDBNull(4) ? null : row.GetFieldValue<string[]>(4),
        IsActive = row.GetBoolean(5),
        PreviousSecretExpiresAt = row.TimeOrNull(6),
        CreatedAt = row.Time(7),
        UpdatedAt = row.Time(8),
    };
}
