using Npgsql;

namespace FinanceIntegrations.Data.Webhooks;

/// <summary>What the webhook front end must know of an endpoint.</summary>
/// <param name="SealedSecrets">The live ones, newest first; empty for the app's endpoints, whose secrets are configuration.</param>
/// <param name="EventTypes">Null: every type.</param>
public sealed record EndpointFacts(Guid Id, string Provider, IReadOnlyList<string> SealedSecrets, IReadOnlyList<string>? EventTypes);

public sealed class EndpointLookup(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>The app's own endpoint at a provider; null where the provider is unknown.</summary>
    public async Task<EndpointFacts?> OfAppAsync(string provider, CancellationToken cancel)
    {
        // Index: webhook_endpoints_of_app.
        await using var command = database.CreateCommand(
            "select id, provider, null::text, null::text, null::timestamptz, event_types from webhook_endpoints where provider = $1 and integration_id is null");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = provider });
        return await ReadAsync(command, cancel);
    }

    /// <summary>An integration's own endpoint; null where there is none, it is switched off, or its integration is deleted.</summary>
    public async Task<EndpointFacts?> FindAsync(Guid endpoint, CancellationToken cancel)
    {
        // Index: the primary keys of webhook_endpoints and integrations.
        await using var command = database.CreateCommand("""
            select e.id, e.provider, e.secret, e.previous_secret, e.previous_secret_expires_at, e.event_types
            from webhook_endpoints e join integrations i on i.id = e.integration_id
            where e.id = $1 and e.is_active and i.deleted_at is null
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = endpoint });
        return await ReadAsync(command, cancel);
    }

    private async Task<EndpointFacts?> ReadAsync(NpgsqlCommand command, CancellationToken cancel)
    {
        await using var reader = await command.ExecuteReaderAsync(cancel);
        if (!await reader.ReadAsync(cancel)) return null;
        var secrets = new List<string>(2);
        if (!reader.IsDBNull(2)) secrets.Add(reader.GetString(2));
        if (!reader.IsDBNull(3) && reader.GetFieldValue<DateTimeOffset>(4) > clock.GetUtcNow()) secrets.Add(reader.GetString(3));
        return new(reader.GetGuid(0), reader.GetString(1), secrets, reader.IsDBNull(5) ? null : reader.GetFieldValue<string[]>(5));
    }
}
