using FinanceIntegrations.Grains.Abstractions;
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
        connection.Script.OnExchange = _ => RefuseWritesAsync(connection, 3);

        await connection.AuthorizeAsync();
        await IdleAsync(connection);

        Assert.Equal(("active", connection.Script.Account), ((await connection.StatusAsync()).Status, (await connection.StatusAsync()).ExternalAccountId));
        Assert.Equal(1, await ScalarAsync<long>("select count(*) from integration_logs where integration_id = $1 and event = 'connected'", connection.Id));
        await Silos.DeactivateAsync(connection.Grain);
        Assert.Equal("succeeded", (await SyncedAsync(connection)).Status);   // with the tokens that were stored
    }

    [Fact]
    public async Task Another_accounts_consent_is_refused_and_withdrawn_and_the_connection_goes_on_as_it_was()
    {
        var connection = await ConnectedAsync(prepare: script => script.Rows = 2);
        var (before, account) = (await connection.StatusAsync(), connection.Script.Account);
        await Clock.AdvanceAsync(TimeSpan.FromMinutes(1));

        var refused = await OtherAccountAsync(connection);

        Assert.Equal($"This integration holds the data of account {account}: authorize that one again, and connect account acct-other as an integration of its own.", refused.Message);
        var withdrawn = Assert.Single(connection.Script.Revocations);
        Assert.Equal(("acct-other", connection.Script.AccessToken), (withdrawn.ExternalAccountId, withdrawn.AccessToken));
        var after = await connection.StatusAsync();
        Assert.Equal((before.Status, account, before.Token), (after.Status, after.ExternalAccountId, after.Token));
        Assert.Equal("other_account", after.LastProblem?.Code);
        Assert.Equal("succeeded", (await SyncedAsync(connection)).Status);
        Assert.Equal(account, connection.Script.Pages.Last().Access.ExternalAccountId);
    }

    [Fact]
    public async Task A_refused_consent_that_another_connection_lives_by_is_left_to_it()
    {
        var (connection, other) = (await ConnectedAsync(), await ConnectedAsync());
        connection.Script.RevocationError = Script.Unavailable;
        await OtherAccountAsync(connection, other.Script.Account);
        Assert.Empty(connection.Script.Revocations);

        var refused = await OtherAccountAsync(connection);
        Assert.Single(connection.Script.Revocations);
        Assert.EndsWith("The new consent could not be withdrawn (maintenance): withdraw it there.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_does_not_name_the_account_again_is_believed_and_the_account_stays_known()
    {
        var connection = await CreatedAsync();
        var account = connection.Script.Account;
        foreach (var (named, held) in new[] { (false, null), (true, account), (false, account) })
        {
            connection.Script.NamesAccount = named;
            await connection.AuthorizeAsync();
            await IdleAsync(connection);
            Assert.Equal(held, (await connection.StatusAsync()).ExternalAccountId);
        }
        connection.Script.NamesAccount = true;
        Assert.Equal("other_account", (await OtherAccountAsync(connection)).Code);
    }

    private static async Task<Refusal> OtherAccountAsync(Connection connection, string account = "acct-other")
    {
        connection.Script.Account = account;
        var refused = await connection.RefusedAuthorizationAsync();
        Assert.Equal("other_account", refused.Code);
        return refused;
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
