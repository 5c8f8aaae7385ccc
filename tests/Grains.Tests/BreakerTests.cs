using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Grains.Tests.Cluster;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

public sealed class BreakerTests(GrainCluster cluster) : GrainTest(cluster)
{
    [Fact]
    public async Task It_opens_at_its_threshold_and_stays_open_after_deactivation()
    {
        var connection = await ConnectedAsync();
        connection.Script.AnswerPagesWith(Script.Unavailable);
        for (var failure = 1; failure <= BreakerPolicy.Default.Threshold; failure++)
        {
            Assert.Equal("closed", (await connection.StatusAsync()).CircuitBreaker.State);
            Assert.Equal("failed", (await SyncedAsync(connection)).Status);
        }
        await OpenAsync();
        await Silos.DeactivateAsync(connection.Grain);
        await OpenAsync();

        async Task OpenAsync()
        {
            var status = await connection.StatusAsync();
            Assert.Equal(("open", BreakerPolicy.Default.Threshold), (status.CircuitBreaker.State, status.CircuitBreaker.Failures));
            Assert.Equal(Clock.Now + BreakerPolicy.Default.BaseCooldown, status.CircuitBreaker.OpenUntil);
            Assert.Equal("circuit_open", (await connection.RefusedSyncAsync()).Code);
            Assert.Equal(BreakerPolicy.Default.Threshold, connection.Script.Pages.Count);   // nothing more was called
        }
    }

    [Fact]
    public async Task When_its_time_has_come_many_syncs_make_one_probe_and_its_success_closes_it()
    {
        var connection = await OpenedAsync();
        await Clock.AdvanceAsync(BreakerPolicy.Default.BaseCooldown - TimeSpan.FromSeconds(1));
        Assert.Equal("circuit_open", (await connection.RefusedSyncAsync()).Code);
        var gate = connection.Script.BlockFrom(0);
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(1));

        var tickets = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => connection.SyncAsync()));
        var probe = Assert.Single(tickets.Select(ticket => ticket.RunId).Distinct());
        await Eventually.HoldsAsync("the probe is under way", () => Task.FromResult(gate.Arrivals == 1), cancel: Cancel);
        var halfOpen = (await connection.StatusAsync()).CircuitBreaker;
        Assert.Equal(("half_open", probe), (halfOpen.State, halfOpen.ProbeRunId));
        gate.Open();

        Assert.Equal("succeeded", (await EndOfAsync(connection, probe)).Status);
        Assert.Equal(1, gate.Arrivals);
        var status = await connection.StatusAsync();
        Assert.Equal(("closed", 0, "active"), (status.CircuitBreaker.State, status.CircuitBreaker.Failures, status.Status));
    }

    [Fact]
    public async Task A_probe_that_fails_opens_it_again_for_twice_as_long()
    {
        var connection = await OpenedAsync();
        await Clock.AdvanceAsync(BreakerPolicy.Default.BaseCooldown);
        await ProbedAsync(connection);
        var status = await connection.StatusAsync();
        Assert.Equal("open", status.CircuitBreaker.State);
        Assert.Equal(Clock.Now + (BreakerPolicy.Default.BaseCooldown * 2), status.CircuitBreaker.OpenUntil);
        Assert.Equal("circuit_open", (await connection.RefusedSyncAsync()).Code);
    }

    [Fact]
    public async Task A_probe_cut_by_deactivation_goes_on_as_the_same_probe()
    {
        var connection = await OpenedAsync();
        var gate = connection.Script.BlockFrom(0);
        await Clock.AdvanceAsync(BreakerPolicy.Default.BaseCooldown);
        var probe = (await connection.SyncAsync()).RunId;
        await Eventually.HoldsAsync("the probe is under way", () => Task.FromResult(gate.Arrivals >= 1), cancel: Cancel);
        await Silos.DeactivateAsync(connection.Grain);

        Assert.Equal(probe, (await connection.SyncAsync()).RunId);
        gate.Open();
        await EndOfAsync(connection, probe);
        Assert.Equal("closed", (await connection.StatusAsync()).CircuitBreaker.State);
    }

    [Fact]
    public async Task A_probe_whose_silo_was_killed_is_resumed_by_the_sweep_and_nothing_else_is_let_through()
    {
        var connection = await OpenedAsync();
        var gate = connection.Script.BlockFrom(0);
        await Clock.AdvanceAsync(BreakerPolicy.Default.BaseCooldown);
        var probe = (await connection.SyncAsync()).RunId;
        await Eventually.HoldsAsync("the probe is under way", () => Task.FromResult(gate.Arrivals >= 1), cancel: Cancel);
        await Cluster.KillSiloOfAsync(connection.Grain);

        await Clock.GoesByUntilAsync("the probe is taken up again", () => Task.FromResult(gate.Arrivals), seen => seen >= 2, Cancel);
        var status = await connection.StatusAsync();
        Assert.Equal(("half_open", probe, probe), (status.CircuitBreaker.State, status.CircuitBreaker.ProbeRunId, status.CurrentRun?.RunId));
        Assert.Equal(probe, (await connection.SyncAsync()).RunId);
        Assert.Equal(0, await ScalarAsync<long>(
            "select count(*) from sync_runs where integration_id = $1 and started_at >= $2 and id <> $3", connection.Id, Clock.Now.AddSeconds(-30), probe));
        gate.Open();

        Assert.Equal("succeeded", (await EndOfAsync(connection, probe)).Status);
        var closed = (await connection.StatusAsync()).CircuitBreaker;
        Assert.Equal(("closed", null), (closed.State, closed.ProbeRunId));
    }

    [Fact]
    public async Task A_probe_that_was_cancelled_has_shown_nothing()
    {
        var connection = await OpenedAsync();
        var before = await connection.StatusAsync();
        var gate = connection.Script.BlockFrom(0);
        await Clock.AdvanceAsync(BreakerPolicy.Default.BaseCooldown);
        var probe = (await connection.SyncAsync()).RunId;
        await Eventually.HoldsAsync("the probe is under way", () => Task.FromResult(gate.Arrivals >= 1), cancel: Cancel);

        await connection.SwitchAsync(on: false);

        Assert.Equal("cancelled", (await EndOfAsync(connection, probe)).Status);
        var after = await connection.StatusAsync();
        Assert.Equal("half_open", after.CircuitBreaker.State);
        Assert.Equal((before.LastSuccessAt, before.SuccessRate), (after.LastSuccessAt, after.SuccessRate));

        gate.Open();
        await connection.SwitchAsync(on: true);
        Assert.Equal("succeeded", (await SyncedAsync(connection)).Status);   // the way is free for another probe
    }

    [Fact]
    public async Task Being_asked_to_slow_down_does_not_open_it()
    {
        var connection = await ConnectedAsync();
        connection.Script.AnswerPagesWith(Script.RateLimited);
        for (var failure = 0; failure <= BreakerPolicy.Default.Threshold; failure++) await SyncedAsync(connection);
        var status = await connection.StatusAsync();
        Assert.Equal(("closed", "error"), (status.CircuitBreaker.State, status.Status));
        Assert.Equal(Clock.Now + Script.RateLimited.RetryAfter, status.NextSyncAt);
    }

    /// <summary>A connection whose breaker has just opened; its provider is well again.</summary>
    private async Task<Connection> OpenedAsync()
    {
        var connection = await ConnectedAsync();
        connection.Script.AnswerPagesWith(Script.Unavailable);
        for (var failure = 0; failure < BreakerPolicy.Default.Threshold; failure++) await SyncedAsync(connection);
        connection.Script.Pages.Clear();
        return connection;
    }

    /// <summary>A probe runs to its end, whether this or the schedule began it.</summary>
    private async Task ProbedAsync(Connection connection)
    {
        await connection.SyncAsync();
        await IdleAsync(connection);
    }
}
