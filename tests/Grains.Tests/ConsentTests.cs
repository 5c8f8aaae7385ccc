using FinanceIntegrations.Grains.Tests.Cluster;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

/// <summary>The moment in which a consent is given: a code is good once, and its tokens exist nowhere else.</summary>
public sealed class ConsentTests(GrainCluster cluster) : GrainTest(cluster)
{
    [Fact]
    public async Task A_database_that_is_away_for_a_moment_costs_no_consent()
    {
        var connection = await CreatedAsync();
        connection.Script.OnExchange = () => RefuseWritesAsync(connection, 3);

        await connection.AuthorizeAsync();
        await IdleAsync(connection);

        Assert.Equal(("active", connection.Script.Account), ((await connection.StatusAsync()).Status, (await connection.StatusAsync()).ExternalAccountId));
        Assert.Equal(1, await ScalarAsync<long>("select count(*) from integration_logs where integration_id = $1 and event = 'connected'", connection.Id));
        await Silos.DeactivateAsync(connection.Grain);
        Assert.Equal("succeeded", (await SyncedAsync(connection)).Status);   // with the tokens that were stored
    }

    /// <summary>PostgreSQL refuses so many writes of this integration's row, as it does while it starts. A sequence counts them: it is not rolled back.</summary>
    private Task RefuseWritesAsync(Connection connection, int times)
    {
        var name = $"starting_{connection.Id:N}";
        return ExecuteAsync($"""
            create sequence {name};
            create function {name}() returns trigger language plpgsql as $$
            begin
                if nextval('public.{name}') <= {times} then raise exception 'starting' using errcode = '57P03'; end if;
                return new;
            end $$;
            create trigger {name} before update on integrations for each row when (new.id = '{connection.Id}') execute function {name}();
            """);
    }
}
