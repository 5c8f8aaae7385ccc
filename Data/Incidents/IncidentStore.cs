using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Incidents;
using Npgsql;

namespace FinanceIntegrations.Data.Incidents;

/// <summary>Providers' own trouble, and how their integrations fared lately. Any number of silos may look: each incident begins and ends once.</summary>
public sealed class IncidentStore(NpgsqlDataSource database)
{
    // Index: provider_incidents_one_open.
    private const string OpenSql =
        "select id, provider, error_class, since, affected, last_failure_at from provider_incidents where ended_at is null order by since";

    // Index: sync_runs_unwell.
    private const string TroubleSql = "select exists (select from sync_runs where status in ('failed', 'partial') and ended_at > $1)";

    // Index: sync_runs_by_end. A run that failed for another reason says nothing of the provider.
    private const string LatestSql = """
        with newest as (
            select distinct on (r.integration_id) i.provider, r.status, r.ended_at,
                (select s ->> 'error_class' from jsonb_array_elements(r.streams) s where s ->> 'error_class' = any ($2) limit 1) as trouble
            from sync_runs r join integrations i on i.id = r.integration_id
            where r.ended_at > $1 and r.ended_at <= $3 and r.status in ('succeeded', 'partial', 'failed') and i.deleted_at is null
            order by r.integration_id, r.ended_at desc)
        select provider, trouble, count(*)::integer, max(ended_at) from newest
        where trouble is not null or status <> 'failed'
        group by provider, trouble
        """;

    public async Task<IReadOnlyList<ProviderIncident>> OpenAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(OpenSql);
        return await command.ListAsync(
            r => new ProviderIncident(r.GetGuid(0), r.GetString(1), r.GetString(2), r.Time(3), r.GetInt32(4), r.Time(5)), cancel);
    }

    /// <summary>Did any run since then not simply succeed? Cheap while all is well.</summary>
    public async Task<bool> AnyTroubleAsync(DateTimeOffset since, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(TroubleSql);
        return await command.With(since).ExecuteScalarAsync(cancel) is true;
    }

    /// <summary>By provider and class; a null class: those that the provider served.</summary>
    /// <param name="classes">The classes that say that a provider is in trouble.</param>
    public async Task<IReadOnlyList<Fared>> LatestAsync(DateTimeOffset since, DateTimeOffset until, string[] classes, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(LatestSql);
        return await command.With(since).With(classes).With(until).ListAsync(r => new Fared(r.GetString(0), r.Text(1), r.GetInt32(2), r.Time(3)), cancel);
    }

    /// <returns>False: it was begun by another silo.</returns>
    public async Task<bool> BeginAsync(ProviderIncident incident, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("""
            insert into provider_incidents (id, provider, error_class, since, affected, last_failure_at) values ($1, $2, $3, $4, $5, $6)
            on conflict (provider, error_class) where ended_at is null do nothing
            """);
        command.With(incident.Id).With(incident.Provider).With(incident.ErrorClass).With(incident.Since).With(incident.Affected);
        return await command.With(incident.LastFailureAt).ExecuteNonQueryAsync(cancel) == 1;
    }

    public async Task GoesOnAsync(ProviderIncident incident, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("""
            update provider_incidents set affected = greatest(affected, $2), last_failure_at = greatest(last_failure_at, $3)
            where id = $1 and ended_at is null and (affected < $2 or last_failure_at < $3)
            """);
        await command.With(incident.Id).With(incident.Affected).With(incident.LastFailureAt).ExecuteNonQueryAsync(cancel);
    }

    /// <returns>False: it was ended by another silo.</returns>
    public async Task<bool> EndAsync(Guid incident, DateTimeOffset now, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("update provider_incidents set ended_at = $2 where id = $1 and ended_at is null");
        return await command.With(incident).With(now).ExecuteNonQueryAsync(cancel) == 1;
    }
}

/// <param name="ErrorClass">Null: the provider served them.</param>
public sealed record Fared(string Provider, string? ErrorClass, int Integrations, DateTimeOffset Newest);
