using FinanceIntegrations.Grains.Tests.Cluster;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

/// <summary>Runs and refreshes that are cut in the middle.</summary>
public sealed class InterruptionTests(GrainCluster cluster) : GrainTest(cluster)
{
    private const string StatusInState = """
        update orleans_state set payload = convert_to(jsonb_set(convert_from(payload, 'UTF8')::jsonb, '{status}', to_jsonb($2::text))::text, 'UTF8')
        where payload is not null and convert_from(payload, 'UTF8')::jsonb ->> 'id' = $1::text
        """;

    [Fact]
    public async Task A_run_cut_by_deactivation_resumes_from_its_last_page_and_reads_each_row_once()
    {
        var connection = await ConnectedAsync();
        var (gate, run) = await CutAtThirdPageAsync(connection);
        await Silos.DeactivateAsync(connection.Grain);

        Assert.Equal(run, (await connection.StatusAsync()).CurrentRun?.RunId);   // the status also wakes it
        await ResumedAsync(gate);
        gate.Open();
        await EndedWholeAsync(connection, run);
    }

    [Fact]
    public async Task A_run_whose_silo_was_killed_is_resumed_by_the_sweep_and_reads_each_row_once()
    {
        var connection = await ConnectedAsync();
        var (gate, run) = await CutAtThirdPageAsync(connection);
        await Cluster.KillSiloOfAsync(connection.Grain);

        await Clock.GoesByUntilAsync("the run is taken up again", () => Task.FromResult(gate.Arrivals), seen => seen >= 2, Cancel);
        gate.Open();
        // A silo in this process is cut off from the cluster, not from its threads: the run that it lost asks for one more page, and stores none.
        await EndedWholeAsync(connection, run, cursors => cursors.Distinct());
    }

    [Fact]
    public async Task An_integration_that_cannot_be_activated_holds_up_nobody_behind_it_at_the_sweep()
    {
        var (broken, cut, waiting) = (await ConnectedAsync(), await ConnectedAsync(), await ConnectedAsync());
        await CutAtThirdPageAsync(broken);
        await Silos.DeactivateAsync(broken.Grain);
        await ExecuteAsync(StatusInState, broken.Id, "nonsense");   // and now its state cannot be read
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(1));          // who began first is woken first
        var (gate, run) = await CutAtThirdPageAsync(cut);
        await Silos.DeactivateAsync(cut.Grain);
        gate.Open();
        await Inbox.ReceiveAsync(waiting, ("row", "row-1 1"));

        await Clock.GoesByUntilAsync("the run is taken up again and ends", () => RunAsync(run), row => row.Ended, Cancel);
        await Eventually.HoldsAsync("the webhook is applied", () => RowsAsync(waiting), rows => rows.Contains("row-1"), cancel: Cancel);
        await ExecuteAsync(StatusInState, broken.Id, "active");
    }

    [Fact]
    public async Task A_run_cut_again_and_again_still_reads_each_row_once()
    {
        var connection = await ConnectedAsync();
        connection.Script.Rows = 20;
        var run = (await connection.SyncAsync()).RunId;
        for (var cut = 1; cut <= 5; cut++)
        {
            await Eventually.HoldsAsync(
                $"page {cut} is asked for", () => Task.FromResult(connection.Script.Pages.Count), pages => pages >= cut, cancel: Cancel);
            await Silos.DeactivateAsync(connection.Grain);
            await connection.StatusAsync();
        }
        var ended = await EndOfAsync(connection, run);
        Assert.Equal(("succeeded", 20, 20, 10), (ended.Status, ended.Seen, ended.Written, ended.Pages));
        Assert.Equal(RowIds(20), await RowsAsync(connection));
    }

    [Fact]
    public async Task A_refresh_whose_silo_was_killed_is_not_sent_twice_before_its_deadline()
    {
        var connection = await ConnectedAsync();
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(10));   // a younger token is left alone
        var gate = new Gate();
        connection.Script.OnRefresh = async () =>
        {
            await gate.PassAsync();
            return Script.TimedOut;
        };
        var cut = connection.Grain.RefreshTokens(onlyIfDue: false, CancellationToken.None);
        _ = cut.ContinueWith(lost => lost.Exception, TaskScheduler.Default);   // nobody answers it: it times out long after this test
        await Eventually.HoldsAsync("the refresh is under way", () => Task.FromResult(gate.Arrivals == 1), cancel: Cancel);
        await Cluster.KillSiloOfAsync(connection.Grain);
        connection.Script.OnRefresh = null;

        var early = Connection.Refused(await connection.Grain.RefreshTokens(onlyIfDue: false, Cancel));
        Assert.Equal("Another refresh was begun and has not ended yet.", early.Message);
        Assert.Single(connection.Script.Refreshes);

        await Clock.AdvanceAsync(TimeSpan.FromSeconds(35));   // and now it goes on by itself
        var ended = await Eventually.HoldsAsync("the second attempt brings tokens",
            connection.StatusAsync, status => status.Token.ObtainedAt == Clock.Now, cancel: Cancel);
        Assert.Equal("active", ended.Status);
        Assert.Equal(2, connection.Script.Refreshes.Count);
        gate.Open();
    }

    /// <summary>Ten rows, five pages; the third stands at a gate, two are committed.</summary>
    private async Task<(Gate Gate, Guid Run)> CutAtThirdPageAsync(Connection connection)
    {
        connection.Script.Rows = 10;
        var gate = connection.Script.BlockFrom(4);
        var run = (await connection.SyncAsync()).RunId;
        await Eventually.HoldsAsync("two pages are committed",
            () => ScalarAsync<long>("select pages from sync_cursors where integration_id = $1 and run_id = $2", connection.Id, run),
            pages => pages == 2, cancel: Cancel);
        await Eventually.HoldsAsync("the third is asked for", () => Task.FromResult(gate.Arrivals == 1), cancel: Cancel);
        connection.Script.Pages.Clear();
        return (gate, run);
    }

    private static Task<int> ResumedAsync(Gate gate) =>
        Eventually.HoldsAsync("the run is taken up again", () => Task.FromResult(gate.Arrivals), seen => seen >= 2, cancel: Cancel);

    private async Task EndedWholeAsync(Connection connection, Guid run, Func<IEnumerable<string?>, IEnumerable<string?>>? asked = null)
    {
        var ended = await EndOfAsync(connection, run);
        Assert.Equal(("succeeded", 10, 10, 5), (ended.Status, ended.Seen, ended.Written, ended.Pages));
        var cursors = connection.Script.Cursors;
        Assert.Equal(["4", "6", "8"], asked is null ? cursors : asked(cursors));   // what was committed was not asked for again
        Assert.Equal(RowIds(10), await RowsAsync(connection));
        Assert.Equal(0, await ScalarAsync<long>(
            "select count(*) from sync_runs where integration_id = $1 and ended_at is null", connection.Id));
    }
}
