using System.Globalization;
using FinanceIntegrations.Grains.Abstractions;
using FinanceIntegrations.Grains.Tests.Cluster;
using FinanceIntegrations.Testing;
using Npgsql;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

/// <summary>PostgreSQL refuses the write, or dies in the middle of it: memory never shows what the database does not have.</summary>
public sealed class FailedWriteTests(GrainCluster cluster) : GrainTest(cluster)
{
    [Fact]
    public async Task A_write_that_was_refused_leaves_no_trace_in_memory()
    {
        var connection = await ConnectedAsync();
        var before = await connection.StatusAsync();
        await using (await RefusingAsync(connection))
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(() => connection.SwitchAsync(on: false));
            await ShowsAsync(connection, before);
            await Assert.ThrowsAsync<StoreUnavailableException>(() => connection.SyncAsync());
            await ShowsAsync(connection, before);
        }
        Assert.Empty(connection.Script.Pages);
        Assert.Equal("switched_off", (await connection.SwitchAsync(on: false)).StatusReason);   // and now it is written
    }

    [Fact]
    public async Task A_connection_that_dies_in_the_middle_of_a_write_leaves_no_trace_in_memory()
    {
        var connection = await ConnectedAsync();
        var before = await connection.StatusAsync();
        await using var session = await Cluster.Database.OpenConnectionAsync(Cancel);
        await using var transaction = await session.BeginTransactionAsync(Cancel);
        await using (var hold = new NpgsqlCommand("select 1 from integrations where id = $1 for update", session, transaction))
        {
            hold.Parameters.Add(new() { Value = connection.Id });
            await hold.ExecuteNonQueryAsync(Cancel);
        }

        var write = connection.SwitchAsync(on: false);
        await Eventually.HoldsAsync("the write waits for the row, and dies",
            () => ScalarAsync<bool>("""
                select pg_terminate_backend(pid) from pg_stat_activity
                where wait_event_type = 'Lock' and query like '%orleans_write_state%' and pid <> pg_backend_pid() limit 1
                """),
            killed => killed, cancel: Cancel);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => write);
        await transaction.RollbackAsync(Cancel);

        await ShowsAsync(connection, before);
        Assert.Equal("switched_off", (await connection.SwitchAsync(on: false)).StatusReason);
    }

    [Fact]
    public async Task A_reader_never_sees_what_is_not_stored_yet()
    {
        var connection = await ConnectedAsync();
        await using var session = await Cluster.Database.OpenConnectionAsync(Cancel);
        await using var transaction = await session.BeginTransactionAsync(Cancel);
        await using (var hold = new NpgsqlCommand("select 1 from integrations where id = $1 for update", session, transaction))
        {
            hold.Parameters.Add(new() { Value = connection.Id });
            await hold.ExecuteNonQueryAsync(Cancel);
        }

        var write = connection.SwitchAsync(on: false);
        await Eventually.HoldsAsync("the write waits for the row",
            () => ScalarAsync<long>(
                "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%orleans_write_state%'"),
            waiting => waiting == 1, cancel: Cancel);
        Assert.Equal("active", (await connection.StatusAsync().WaitAsync(TimeSpan.FromSeconds(5), Cancel)).Status);
        await transaction.RollbackAsync(Cancel);
        Assert.Equal("inactive", (await write).Status);
        Assert.Equal("inactive", (await connection.StatusAsync()).Status);
    }

    [Fact]
    public async Task A_run_whose_end_cannot_be_written_stays_open_and_is_ended_later()
    {
        var connection = await ConnectedAsync();
        connection.Script.Rows = 4;
        var gate = connection.Script.BlockFrom(2);
        var run = (await connection.SyncAsync()).RunId;
        await Eventually.HoldsAsync("the second page is asked for", () => Task.FromResult(gate.Arrivals == 1), cancel: Cancel);
        await using (await RefusingAsync(connection))
        {
            var dropped = Silos.WaitForDeactivationAsync(connection.Grain);
            gate.Open();
            await dropped.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
            Assert.False((await RunAsync(run)).Ended);
        }
        await Clock.GoesByUntilAsync("the sweep ends it", () => RunAsync(run), row => row.Ended, Cancel);
        var ended = await EndOfAsync(connection, run);
        Assert.Equal(("succeeded", 4, 4, 2), (ended.Status, ended.Seen, ended.Written, ended.Pages));
    }

    [Fact]
    public async Task Tokens_that_could_not_be_stored_are_not_used()
    {
        var connection = await ConnectedAsync();
        await Clock.AdvanceAsync(TimeSpan.FromMinutes(1));
        await using (await RefusingAsync(connection))
            await Assert.ThrowsAsync<StoreUnavailableException>(() => connection.Grain.RefreshTokens(onlyIfDue: false, Cancel));
        Assert.Empty(connection.Script.Refreshes);   // what cannot be recorded is not sent
        Assert.True(Connection.Value(await connection.Grain.RefreshTokens(onlyIfDue: false, Cancel)).Refreshed);
        Assert.Single(connection.Script.Refreshes);
    }

    [Fact]
    public async Task Tokens_in_hand_wait_for_the_database()
    {
        var connection = await ConnectedAsync();
        var gate = new Gate();
        connection.Script.OnRefresh = async () =>
        {
            await gate.PassAsync();
            connection.Script.RefuseTokens();
            return connection.Script.Grant();
        };
        await Clock.AdvanceAsync(TimeSpan.FromMinutes(1));
        var refresh = connection.Grain.RefreshTokens(onlyIfDue: false, CancellationToken.None);
        await Eventually.HoldsAsync("the provider is asked", () => Task.FromResult(gate.Arrivals == 1), cancel: Cancel);
        await using (await RefusingAsync(connection))
        {
            var refused = await RefusalsAsync();
            gate.Open();
            await Eventually.HoldsAsync("their write was refused", RefusalsAsync, seen => seen > refused, cancel: Cancel);
        }
        Assert.True(Connection.Value(await refresh).Refreshed);
        await Silos.DeactivateAsync(connection.Grain);
        Assert.Equal("succeeded", (await SyncedAsync(connection)).Status);   // with the new ones: the old are refused
        Assert.Single(connection.Script.Refreshes);

        Task<long> RefusalsAsync() =>
            ScalarAsync<long>("select xact_rollback from pg_stat_database where datname = current_database()");
    }

    [Fact]
    public async Task A_withdrawal_that_cannot_be_written_is_not_marked_done_either()
    {
        var connection = await ConnectedAsync();
        await using (await RefusingAsync(connection))
        {
            await Inbox.ReceiveAsync(connection, ("left", Clock.Now.ToString("O", CultureInfo.InvariantCulture)), ("row", "a 1"));
            var dropped = Silos.WaitForDeactivationAsync(connection.Grain);
            await connection.Grain.TakeWebhooks();
            await dropped.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
            Assert.Equal(["pending", "pending"], await StatusesAsync());
            Assert.Equal("active", (await connection.StatusAsync()).Status);
        }
        await Clock.GoesByUntilAsync("the sweep tries again", StatusesAsync, seen => seen.SequenceEqual(["done", "done"]), Cancel);
        Assert.Equal("expired", (await connection.StatusAsync()).Status);

        Task<IReadOnlyList<string>> StatusesAsync() =>
            ColumnAsync<string>("select status from webhook_deliveries where integration_id = $1 order by event_id", connection.Id);
    }

    [Fact]
    public async Task Writing_deactivating_and_writing_again_works()
    {
        var connection = await ConnectedAsync();
        for (var turn = 0; turn < 5; turn++)
        {
            Assert.Equal("inactive", (await connection.SwitchAsync(on: false)).Status);
            await Silos.DeactivateAsync(connection.Grain);
            Assert.Equal("active", (await connection.SwitchAsync(on: true)).Status);
            await Silos.DeactivateAsync(connection.Grain);
        }
        Assert.Equal(
            await ScalarAsync<int>("select state_version from integrations where id = $1", connection.Id),
            await ScalarAsync<int>(
                "select version from orleans_state where convert_from(payload, 'UTF8')::jsonb ->> 'id' = $1::text", connection.Id));
    }

    private static async Task ShowsAsync(Connection connection, IntegrationStatusView before)
    {
        var now = await connection.StatusAsync();
        Assert.Equal(
            (before.Status, before.StatusReason, before.IsActive, before.CurrentRun, before.NextSyncAt),
            (now.Status, now.StatusReason, now.IsActive, now.CurrentRun, now.NextSyncAt));
    }

    /// <summary>PostgreSQL refuses to write this integration's row, as it does while it shuts down, until this is disposed of.</summary>
    private async Task<IAsyncDisposable> RefusingAsync(Connection connection)
    {
        var name = $"refuse_{connection.Id:N}";
        await ExecuteAsync($"""
            create function {name}() returns trigger language plpgsql as $$ begin raise exception 'refused' using errcode = '57P03'; end $$;
            create trigger {name} before update on integrations for each row when (new.id = '{connection.Id}') execute function {name}();
            """);
        return new Refusing(() => ExecuteAsync($"drop trigger {name} on integrations; drop function {name}()"));
    }

    private sealed class Refusing(Func<Task> end) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await end();
    }
}
