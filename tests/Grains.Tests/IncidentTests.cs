using FinanceIntegrations.Domain.Incidents;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Grains.Tests.Cluster;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

/// <summary>Two silos look; what they see is one incident.</summary>
public sealed class IncidentTests(GrainCluster cluster) : GrainTest(cluster)
{
    private static readonly IncidentPolicy Policy = IncidentPolicy.Default;

    [Fact]
    public async Task Many_connections_that_fail_alike_are_one_incident_that_each_of_them_tells_of_and_that_ends_once()
    {
        var connections = new List<Connection>();
        for (var one = 0; one < Policy.MinAffected + 1; one++) connections.Add(await ConnectedAsync());
        foreach (var connection in connections) connection.Script.AnswerPagesWith(Script.Unavailable);
        foreach (var connection in connections) Assert.Equal("failed", (await SyncedAsync(connection)).Status);

        foreach (var connection in connections)
        {
            var status = await Clock.GoesByUntilAsync("it tells of the incident and all that it affects", connection.StatusAsync, seen => seen.ProviderIncident?.Affected == connections.Count, Cancel);
            Assert.Equal("provider_unavailable", status.ProviderIncident!.ErrorClass);
            Assert.StartsWith("Nothing to do here", status.HealthLosses.Single(l => l.Cause == "recent_failures").Advice, StringComparison.Ordinal);
        }
        Assert.Equal(1, await OpenAsync());

        // Its further failures are the incident's, and no item for a person.
        for (var failure = 0; failure < 2; failure++) await SyncedAsync(connections[0]);
        Assert.True((await connections[0].StatusAsync()).CircuitBreaker.Failures >= TrustPolicy.Default.FailuresBeforeAttention);
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from attention_items where kind = 'repeated_failure' and integration_id = $1", connections[0].Id));

        foreach (var connection in connections.Skip(1))
        {
            connection.Script.AnswerPages();
            Assert.Equal("succeeded", (await SyncedAsync(connection)).Status);
        }
        await Clock.GoesByUntilAsync("the incident has ended", OpenAsync, open => open == 0, Cancel);
        Assert.Equal(1, await ScalarAsync<long>("select count(*) from provider_incidents where since >= $1", Clock.Now - Policy.Window));
    }

    [Fact]
    public async Task One_connection_that_fails_again_and_again_is_no_incident()
    {
        var connection = await ConnectedAsync();
        var before = await BegunAsync();
        connection.Script.AnswerPagesWith(Script.Unavailable);
        for (var failure = 0; failure < 4; failure++) await SyncedAsync(connection);
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(31));

        // A silo may still tell of another test's incident until its next look.
        await Clock.GoesByUntilAsync("it tells of no incident", connection.StatusAsync, seen => seen.ProviderIncident is null, Cancel);
        Assert.Equal(0, await OpenAsync());
        Assert.Equal(before, await BegunAsync());
    }

    private Task<long> BegunAsync() => ScalarAsync<long>("select count(*) from provider_incidents");

    private Task<long> OpenAsync() => ScalarAsync<long>("select count(*) from provider_incidents where ended_at is null");
}
