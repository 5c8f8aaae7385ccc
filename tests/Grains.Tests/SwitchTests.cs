using FinanceIntegrations.Grains.Tests.Cluster;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

/// <summary>The operator's switches: a provider, one of its streams.</summary>
public sealed class SwitchTests(GrainCluster cluster) : GrainTest(cluster)
{
    [Fact]
    public async Task A_provider_that_is_switched_off_is_not_called_whoever_asks()
    {
        var connection = await ConnectedAsync();
        using (Cluster.SwitchedOff())
        {
            Assert.Equal("provider_switched_off", (await connection.RefusedSyncAsync()).Code);
            Assert.Equal("provider_switched_off", Connection.Refused(await connection.Grain.RefreshTokens(onlyIfDue: false, Cancel)).Code);
            Assert.Equal("provider_switched_off", Connection.Refused(await connection.Grain.Test(Cancel)).Code);
            Assert.Equal("provider_switched_off", Connection.Refused(
                await connection.Grain.BeginAuthorization(new() { Nonce = "n", State = "s", RedirectUri = "https://app.test/callback" }, Cancel)).Code);
            Assert.Empty(connection.Script.Pages);
            Assert.Empty(connection.Script.Refreshes);
        }
        Assert.Equal("succeeded", (await SyncedAsync(connection)).Status);
    }

    [Fact]
    public async Task What_falls_due_while_the_provider_is_off_is_synced_when_it_is_on_again()
    {
        var connection = await ConnectedAsync(frequency: 60);
        connection.Script.Rows = 3;
        var due = (await connection.StatusAsync()).NextSyncAt!.Value;
        using (Cluster.SwitchedOff())
        {
            await Clock.AdvanceToAsync(due.AddSeconds(-30));
            var status = await Clock.GoesByUntilAsync("its status says why nothing happens", connection.StatusAsync,
                seen => seen.StatusReason == "provider_switched_off", Cancel);
            Assert.Equal(("inactive", due), (status.Status, status.NextSyncAt));
            Assert.Empty(connection.Script.Pages);
            Assert.Equal(1, await RunsAsync(connection));
        }

        var looksAgain = await ScalarAsync<DateTime>(
            "select start_time from orleans_reminders where grain_id like '%' || replace($1::text, '-', '')", connection.Id);
        Assert.InRange(looksAgain, Clock.Now.UtcDateTime, Clock.Now.UtcDateTime.AddMinutes(10));
        await Clock.AdvanceToAsync(new DateTimeOffset(looksAgain).AddSeconds(-30));
        await Clock.GoesByUntilAsync("it is synced", () => RowsAsync(connection), rows => rows.Count == 3, Cancel);
        await IdleAsync(connection);
        Assert.Equal("active", (await connection.StatusAsync()).Status);
    }

    [Fact]
    public async Task A_run_that_is_under_way_stops_at_its_next_page_and_loses_nothing()
    {
        var connection = await ConnectedAsync();
        connection.Script.Rows = 10;
        var gate = connection.Script.BlockFrom(4);
        var run = (await connection.SyncAsync()).RunId;
        await Eventually.HoldsAsync("the third page is asked for", () => Task.FromResult(gate.Arrivals == 1), cancel: Cancel);
        using (Cluster.SwitchedOff())
        {
            gate.Open();
            Assert.Equal("cancelled", (await EndOfAsync(connection, run)).Status);
            Assert.InRange(connection.Script.Pages.Count, 3, 4);
        }

        Assert.Equal("succeeded", (await SyncedAsync(connection)).Status);
        Assert.Equal(RowIds(10), await RowsAsync(connection));
    }

    [Fact]
    public async Task A_stream_that_is_switched_off_is_skipped_and_says_so()
    {
        var connection = await ConnectedAsync();
        connection.Script.Rows = 3;
        using (Cluster.SwitchedOff("transactions"))
        {
            var run = (await connection.SyncAsync()).RunId;
            Assert.Equal(("succeeded", 0), ((await EndOfAsync(connection, run)).Status, connection.Script.Pages.Count));
            Assert.Equal("skipped stream_switched_off", await ScalarAsync<string>(
                "select (streams -> 0 ->> 'status') || ' ' || (streams -> 0 ->> 'skipped_because') from sync_runs where id = $1", run));
        }
        await SyncedAsync(connection);
        Assert.Equal(RowIds(3), await RowsAsync(connection));
    }
}
