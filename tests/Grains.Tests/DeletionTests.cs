using FinanceIntegrations.Grains.Tests.Cluster;
using FinanceIntegrations.Testing;
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
        var connection = await ConnectedAsync(prepare: script => script.Rows = 3);
        Connection.Value(await connection.Grain.Delete(purge: true, Cancel));
        foreach (var table in new[] { "transactions", "sync_cursors", "sync_runs", "parked_rows", "webhook_deliveries" })
            Assert.Equal(0, await ScalarAsync<long>($"select count(*) from {table} where integration_id = $1", connection.Id));
        Assert.Equal(1, await ScalarAsync<long>("""
            select count(*) from integrations
            where id = $1 and deleted_at is not null and config = '{}' and metadata = '{}' and external_account_id is null
            """, connection.Id));
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
