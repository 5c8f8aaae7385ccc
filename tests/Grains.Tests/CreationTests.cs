using System.Text;
using FinanceIntegrations.Grains.Tests.Cluster;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

public sealed class CreationTests(GrainCluster cluster) : GrainTest(cluster)
{
    /// <summary>The row, and the same facts out of the stored state.</summary>
    private const string RowAndState = """
        select count(*) from integrations i
        join orleans_state s on s.version = i.state_version and convert_from(s.payload, 'UTF8')::jsonb ->> 'id' = i.id::text
        cross join lateral (select convert_from(s.payload, 'UTF8')::jsonb as j) p
        where i.id = $1 and i.name = j ->> 'name' and i.owner_id = j ->> 'owner' and i.status = j ->> 'status'
          and i.status_reason = j ->> 'status_reason' and i.provider = j ->> 'provider' and i.is_active = (j ->> 'enabled')::boolean
          and i.next_sync_at is not distinct from (j ->> 'next_sync_at')::timestamptz
          and i.last_success_at is not distinct from (j ->> 'last_success_at')::timestamptz
          and i.token_expires_at is not distinct from (j #>> '{tokens,expires_at}')::timestamptz
          and i.external_account_id is not distinct from j ->> 'external_account_id'
        """;

    [Fact]
    public async Task Creating_twice_answers_the_same_and_changes_nothing()
    {
        var connection = New();
        var first = await connection.CreateAsync(60);
        var version = await ScalarAsync<int>("select state_version from integrations where id = $1", connection.Id);

        var again = Connection.Value(await connection.Grain.Create(Connection.Definition(5) with { Name = "Another" }, Cancel));

        Assert.Equal((first.Name, first.SyncFrequencyMinutes), (again.Name, again.SyncFrequencyMinutes));
        Assert.Equal(version, await ScalarAsync<int>("select state_version from integrations where id = $1", connection.Id));
        Assert.Equal(1, await ScalarAsync<long>("select count(*) from integration_logs where integration_id = $1", connection.Id));
    }

    [Fact]
    public async Task Many_creations_at_once_make_one_integration()
    {
        var connection = New();
        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => connection.CreateAsync(60)));

        Assert.All(replies, reply => Assert.Equal("not_connected", reply.StatusReason));
        Assert.Equal(1, await ScalarAsync<int>("select state_version from integrations where id = $1", connection.Id));
    }

    [Fact]
    public async Task A_foreign_owners_id_reads_like_an_unknown_one()
    {
        var connection = await CreatedAsync();
        var refusal = Connection.Refused(await connection.Grain.Create(Connection.Definition(60) with { Owner = "another" }, Cancel));
        Assert.Equal("not_found", refusal.Code);
        Assert.Equal("not_found", Connection.Refused(await New().Grain.GetStatus(Cancel)).Code);
    }

    [Theory]
    [InlineData("no_such_provider", "accounting", "provider_unknown")]
    [InlineData("sage", "no_such_type", "integration_type_unknown")]
    public async Task What_is_unknown_is_refused_and_leaves_nothing(string provider, string type, string code)
    {
        var connection = New();
        var wish = Connection.Definition(60) with { Provider = provider, Type = type };
        var refusal = Connection.Refused(await connection.Grain.Create(wish, Cancel));
        Assert.Equal(code, refusal.Code);
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from integrations where id = $1", connection.Id));
    }

    [Fact]
    public async Task State_and_row_agree_after_every_step_of_a_life()
    {
        var connection = await CreatedAsync();
        await AgreesAsync("created");
        await connection.AuthorizeAsync();
        await IdleAsync(connection);
        await AgreesAsync("connected and synced");
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(10));   // a younger token is left alone
        Connection.Value(await connection.Grain.RefreshTokens(onlyIfDue: false, Cancel));
        await AgreesAsync("refreshed");
        await connection.SwitchAsync(on: false);
        await AgreesAsync("switched off");
        await connection.SwitchAsync(on: true);
        await AgreesAsync("switched on");
        Connection.Value(await connection.Grain.Delete(purge: false, Cancel));
        await AgreesAsync("deleted");

        async Task AgreesAsync(string step) => Assert.True(1 == await ScalarAsync<long>(RowAndState, connection.Id), step);
    }

    [Fact]
    public async Task What_was_committed_is_there_after_deactivation()
    {
        var connection = await ConnectedAsync();
        var before = await connection.StatusAsync();
        await Silos.DeactivateAsync(connection.Grain);
        var after = await connection.StatusAsync();
        Assert.Equal(
            (before.Status, before.NextSyncAt, before.Token, before.ExternalAccountId, before.SuccessRate),
            (after.Status, after.NextSyncAt, after.Token, after.ExternalAccountId, after.SuccessRate));
    }

    [Fact]
    public async Task Tokens_lie_in_the_database_only_as_ciphertext()
    {
        var connection = await ConnectedAsync();
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(10));   // a younger token is left alone
        Assert.True(Connection.Value(await connection.Grain.RefreshTokens(onlyIfDue: false, Cancel)).Refreshed);
        var everything = await EverythingAsync();

        Assert.Contains(connection.Id.ToString(), everything, StringComparison.Ordinal);   // the search does find what is there
        Assert.DoesNotContain($"access-{connection.Id}", everything, StringComparison.Ordinal);
        Assert.DoesNotContain($"refresh-{connection.Id}", everything, StringComparison.Ordinal);
        Assert.DoesNotContain(connection.Script.Code, everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_sealed_on_one_silo_open_on_the_other()
    {
        var connection = await ConnectedAsync();
        for (var move = 0; move < 2; move++)
        {
            connection.Script.Rows++;
            await Clock.AdvanceAsync(TimeSpan.FromSeconds(10));   // a younger token is left alone
            var other = Cluster.OtherSiloThanOf(connection.Grain);
            await Silos.MigrateAsync(connection.Grain, other).WaitAsync(TimeSpan.FromSeconds(30), Cancel);
            Assert.Equal("succeeded", (await SyncedAsync(connection)).Status);
            Connection.Value(await connection.Grain.RefreshTokens(onlyIfDue: false, Cancel));
        }
        Assert.Equal(2, connection.Script.Refreshes.Count);
    }

    /// <summary>Each row of each table as text; bytes as the characters they stand for.</summary>
    private async Task<string> EverythingAsync()
    {
        var all = new StringBuilder();
        foreach (var table in await ColumnAsync<string>("select tablename::text from pg_tables where schemaname = 'public'"))
            foreach (var row in await ColumnAsync<string>($"select t::text from {table} t"))
                all.AppendLine(row);
        foreach (var payload in await ColumnAsync<byte[]>("select payload from orleans_state where payload is not null"))
            all.AppendLine(Encoding.UTF8.GetString(payload));
        return all.ToString();
    }
}
