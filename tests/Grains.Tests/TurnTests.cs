using FinanceIntegrations.Grains.Tests.Cluster;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

/// <summary>A provider that takes its time takes none of the grain's: what waits behind a turn for 30 s is lost.</summary>
public sealed class TurnTests(GrainCluster cluster) : GrainTest(cluster)
{
    [Fact]
    public async Task A_connection_test_at_a_slow_provider_holds_up_nothing()
    {
        var connection = await ConnectedAsync(prepare: script => script.Rows = 3);
        var gate = new Gate();
        connection.Script.OnTest = gate.PassAsync;
        var test = connection.Grain.Test(Cancel);
        await AskedAsync(gate);

        Assert.Equal("succeeded", (await SyncedAsync(connection)).Status);
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(10));   // a younger token is left alone
        Assert.True(Connection.Value(await connection.Grain.RefreshTokens(onlyIfDue: false, Cancel)).Refreshed);
        Assert.Equal("inactive", (await connection.SwitchAsync(on: false)).Status);
        Assert.False(test.IsCompleted);
        gate.Open();
        Assert.True(Connection.Value(await test).Success);
    }

    [Fact]
    public async Task A_connection_test_that_takes_too_long_says_so()
    {
        var connection = await ConnectedAsync();
        var gate = new Gate();
        connection.Script.OnTest = gate.PassAsync;
        var test = connection.Grain.Test(Cancel);
        await AskedAsync(gate);
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(20));
        var seen = Connection.Value(await test);
        Assert.False(seen.Success);
        var check = Assert.Single(seen.Checks);
        Assert.Equal(("answers_in_time", false, "network", "timeout"), (check.Name, check.Success, check.ErrorClass, check.ErrorCode));
        Assert.Equal("active", (await connection.StatusAsync()).Status);
    }

    [Fact]
    public async Task A_code_whose_exchange_takes_too_long_is_given_up_and_another_connects()
    {
        var connection = await CreatedAsync();
        var gate = new Gate();
        connection.Script.OnExchange = gate.PassAsync;
        var reply = connection.CompletedAsync();
        await AskedAsync(gate);
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(20));
        var refusal = Connection.Refused(await reply);
        Assert.Equal(("authorization_failed", "outcome_unknown"), (refusal.Code, refusal.ErrorClass));

        gate.Open();
        await connection.AuthorizeAsync();
        await IdleAsync(connection);
        Assert.Equal("active", (await connection.StatusAsync()).Status);
    }

    [Fact]
    public async Task A_deletion_whose_revocation_takes_too_long_says_so_and_deletes()
    {
        var connection = await ConnectedAsync();
        var gate = new Gate();
        connection.Script.OnRevoke = gate.PassAsync;
        var deletion = connection.Grain.Delete(purge: false, Cancel);
        await AskedAsync(gate);
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(10));
        var seen = Connection.Value(await deletion);
        Assert.False(seen.Revoked);
        Assert.Contains("timeout", seen.Message, StringComparison.Ordinal);
        Assert.Equal("not_found", Connection.Refused(await connection.Grain.GetStatus(Cancel)).Code);
    }

    private static Task AskedAsync(Gate gate) =>
        Eventually.HoldsAsync("the provider is asked", () => Task.FromResult(gate.Arrivals == 1), cancel: Cancel);
}
