using FinanceIntegrations.Grains.Tests.Cluster;
using FinanceIntegrations.Testing;
using Npgsql;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

/// <summary>Switching off, and deleting.</summary>
public sealed class DeletionTests(GrainCluster cluster) : GrainTest(cluster)
{
    private const string Reminders = "select count(*) from orleans_reminders where grain_id like '%' || replace($1::text, '-', '')";

    [Fact]
    public async Task What_is_switched_off_is_not_called_on_its_schedule_and_loses_nothing()
    {
        var connection = await ConnectedAsync(frequency: 5, script => script.Rows = 3);
        Assert.Equal(1, await ScalarAsync<long>(Reminders, connection.Id));
        await connection.SwitchAsync(on: false);
        Assert.Equal(0, await ScalarAsync<long>(Reminders, connection.Id));

        for (var period = 0; period < 3; period++) await Clock.AdvanceAsync(TimeSpan.FromMinutes(6));
        Assert.Equal(RowIds(3), await RowsAsync(connection));
        connection.Script.Rows = 4;
        await connection.SwitchAsync(on: true);
        await Clock.GoesByUntilAsync("it is synced again", () => RowsAsync(connection), rows => rows.Count == 4, Cancel);
        Assert.Equal(["3"], connection.Script.Cursors);   // where it stood, and nothing while it was off
        Assert.Empty(connection.Script.Refreshes);
    }

    [Fact]
    public async Task Switching_off_ends_the_run_that_is_under_way()
    {
        var connection = await ConnectedAsync();
        connection.Script.Rows = 2;
        var gate = connection.Script.BlockFrom(0);
        var run = (await connection.SyncAsync()).RunId;
        await Eventually.HoldsAsync("the run is under way", () => Task.FromResult(gate.Arrivals == 1), cancel: Cancel);

        await connection.SwitchAsync(on: false);

        Assert.Equal("cancelled", (await EndOfAsync(connection, run)).Status);
        Assert.Empty(await RowsAsync(connection));
    }

    [Fact]
    public async Task Deleting_revokes_at_the_provider_forgets_the_tokens_and_stops_the_reminder()
    {
        var connection = await ConnectedAsync(prepare: script => script.Rows = 3);
        var access = connection.Script.AccessToken;

        var deletion = Connection.Value(await connection.Grain.Delete(purge: false, Cancel));

        Assert.True(deletion.Revoked);
        Assert.Equal([access], connection.Script.Revocations.Select(revoked => revoked.AccessToken));
        Assert.Equal("not_found", Connection.Refused(await connection.Grain.GetStatus(Cancel)).Code);
        Assert.Equal("not_found", (await connection.RefusedSyncAsync()).Code);
        Assert.Equal("not_found", Connection.Refused(await connection.Grain.Create(Connection.Definition(60), Cancel)).Code);
        Assert.Equal(0, await ScalarAsync<long>(Reminders, connection.Id));
        Assert.Equal(1, await ScalarAsync<long>("""
            select count(*) from orleans_state cross join lateral (select convert_from(payload, 'UTF8')::jsonb as s) j
            where s ->> 'id' = $1::text and s -> 'tokens' = 'null' and s -> 'authorization' = 'null'
            """, connection.Id));
        Assert.Equal(1, await ScalarAsync<long>(
            "select count(*) from integrations where id = $1 and deleted_at is not null and token_expires_at is null", connection.Id));
        Assert.Equal(RowIds(3), await RowsAsync(connection));   // without purge the data stays
    }

    [Fact]
    public async Task A_deletion_that_cannot_revoke_says_so_and_deletes()
    {
        var connection = await ConnectedAsync();
        connection.Script.RevocationError = Script.Unavailable;
        var deletion = Connection.Value(await connection.Grain.Delete(purge: false, Cancel));
        Assert.False(deletion.Revoked);
        Assert.Contains("maintenance", deletion.Message, StringComparison.Ordinal);
        Assert.Equal("not_found", Connection.Refused(await connection.Grain.GetStatus(Cancel)).Code);
    }

    [Fact]
    public async Task What_can_be_opened_no_more_can_still_be_deleted()
    {
        var connection = await ConnectedAsync();
        await Silos.DeactivateAsync(connection.Grain);
        await ExecuteAsync("""
            update orleans_state set payload = convert_to(jsonb_set(convert_from(payload, 'UTF8')::jsonb, '{tokens,access_token}', '"sealed by a key that is lost"')::text, 'UTF8')
            where convert_from(payload, 'UTF8')::jsonb ->> 'id' = $1::text
            """, connection.Id);

        var deletion = Connection.Value(await connection.Grain.Delete(purge: false, Cancel));

        Assert.Equal((false, "Deleted. The consent at the provider could not be withdrawn (token_invalid): withdraw it there."), (deletion.Revoked, deletion.Message));
        var asked = Assert.Single(connection.Script.Revocations);   // to some providers the account is enough
        Assert.Equal((null, connection.Script.Account), (asked.AccessToken, asked.ExternalAccountId));
        Assert.Equal("not_found", Connection.Refused(await connection.Grain.GetStatus(Cancel)).Code);
    }

    [Fact]
    public async Task Purging_erases_what_was_brought_in()
    {
        var connection = await ConnectedAsync();
        (connection.Script.Rows, connection.Script.Odd) = (3, [1]);   // one row does not fit: a doubt, an item, and the reason of the run
        Assert.Equal("partial", (await SyncedAsync(connection)).Status);

        Connection.Value(await connection.Grain.Delete(purge: true, Cancel));

        await PurgedAsync(connection);
        foreach (var table in new[] { "transactions", "sync_cursors", "sync_runs", "parked_rows", "attention_items", "webhook_deliveries" })
            Assert.Equal((table, 0), (table, await ScalarAsync<long>($"select count(*) from {table} where integration_id = $1", connection.Id)));
        Assert.Equal(["integration_purged"], await ColumnAsync<string>("select event from integration_logs where integration_id = $1", connection.Id));
        Assert.Equal(1, await ScalarAsync<long>("""
            select count(*) from integrations
            where id = $1 and deleted_at is not null and config = '{}' and metadata = '{}' and external_account_id is null
            """, connection.Id));
        var state = await ScalarAsync<string>("select convert_from(payload, 'UTF8') from orleans_state where convert_from(payload, 'UTF8')::jsonb ->> 'id' = $1::text", connection.Id);
        Assert.DoesNotContain("rows_parked", state, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("its activation ends")]
    [InlineData("the database drops it")]
    public async Task A_purge_that_is_cut_short_answers_at_once_and_goes_on_until_nothing_is_left(string cut)
    {
        const string waiting = "from pg_stat_activity where wait_event_type = 'Lock' and query like 'delete from transactions%' and pid <> pg_backend_pid()";
        var connection = await ConnectedAsync(prepare: script => script.Rows = 3);
        await using var session = await Cluster.Database.OpenConnectionAsync(Cancel);
        await using var transaction = await session.BeginTransactionAsync(Cancel);
        await using (var hold = new NpgsqlCommand("select 1 from transactions where integration_id = $1 for update", session, transaction))
        {
            hold.Parameters.Add(new() { Value = connection.Id });
            await hold.ExecuteNonQueryAsync(Cancel);
        }

        Connection.Value(await connection.Grain.Delete(purge: true, Cancel).WaitAsync(TimeSpan.FromSeconds(20), Cancel));

        await Eventually.HoldsAsync("the purge waits for the rows", () => ScalarAsync<long>($"select count(*) {waiting}"), count => count == 1, cancel: Cancel);
        if (cut == "its activation ends") await Silos.DeactivateAsync(connection.Grain);
        else await Eventually.HoldsAsync("it dies", () => ScalarAsync<bool>($"select pg_terminate_backend(pid) {waiting} limit 1"), killed => killed, cancel: Cancel);
        await Eventually.HoldsAsync("it waits no more", () => ScalarAsync<long>($"select count(*) {waiting}"), count => count == 0, cancel: Cancel);
        await transaction.RollbackAsync(Cancel);
        Assert.Equal(RowIds(3), await RowsAsync(connection));
        Assert.Equal("not_found", Connection.Refused(await connection.Grain.Delete(purge: true, Cancel)).Code);   // nobody can ask again, and nobody has to

        await Clock.GoesByUntilAsync("nothing is left", () => RowsAsync(connection), rows => rows.Count == 0, Cancel);
        await PurgedAsync(connection);
    }

    [Fact]
    public async Task A_webhook_that_came_in_beside_the_deletion_brings_nothing_back()
    {
        var connection = await ConnectedAsync();
        Connection.Value(await connection.Grain.Delete(purge: true, Cancel));
        await PurgedAsync(connection);

        var other = await ConnectedAsync();
        await Inbox.ReceiveAsync(other, ("row", "late 1"));
        await ExecuteAsync("update webhook_deliveries set integration_id = $1 where integration_id = $2", connection.Id, other.Id);   // no other way to be so late
        await connection.Grain.TakeWebhooks();

        await Eventually.HoldsAsync("its delivery is gone",
            () => ScalarAsync<long>("select count(*) from webhook_deliveries where integration_id = $1", connection.Id), count => count == 0, cancel: Cancel);
        Assert.Empty(await RowsAsync(connection));
    }

    /// <summary>The last line says so, and nothing wakes it any more.</summary>
    private async Task PurgedAsync(Connection connection)
    {
        await Eventually.HoldsAsync("the purge is done",
            () => ScalarAsync<string>("select event from integration_logs where integration_id = $1 order by at desc, id desc limit 1", connection.Id),
            last => last == "integration_purged", cancel: Cancel);
        await Eventually.HoldsAsync("no reminder is left", () => ScalarAsync<long>(Reminders, connection.Id), count => count == 0, cancel: Cancel);
    }

    [Fact]
    public async Task A_run_that_its_integrations_deletion_cuts_is_ended_not_left_open()
    {
        var connection = await ConnectedAsync();
        connection.Script.Rows = 2;
        var gate = connection.Script.BlockFrom(0);
        var run = (await connection.SyncAsync()).RunId;
        await Eventually.HoldsAsync("the run is under way", () => Task.FromResult(gate.Arrivals == 1), cancel: Cancel);

        Connection.Value(await connection.Grain.Delete(purge: false, Cancel));

        var row = await RunAsync(run);
        Assert.Equal(("cancelled", true), (row.Status, row.Ended));
        Assert.Empty(await RowsAsync(connection));
    }
}
