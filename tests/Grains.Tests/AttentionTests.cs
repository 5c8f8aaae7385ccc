using FinanceIntegrations.Grains.Abstractions;
using FinanceIntegrations.Grains.Tests.Cluster;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

/// <summary>What a person decides: done, and kept with who decided it.</summary>
public sealed class AttentionTests(GrainCluster cluster) : GrainTest(cluster)
{
    [Fact]
    public async Task Mapping_again_after_a_fix_repairs_parked_rows_and_calls_nobody()
    {
        var connection = await ParkedAsync(rows: 5, odd: [1, 4]);
        await Inbox.ReceiveAsync(connection, ("row", "row-4 9"));   // a newer state of one of them came meanwhile
        await connection.Grain.TakeWebhooks();
        await Eventually.HoldsAsync("the webhook is applied", () => RowsAsync(connection), rows => rows.Contains("row-4"), cancel: Cancel);
        connection.Script.AnswerPagesWith(Script.Unavailable);
        connection.Script.MapsOdd = true;

        var remapped = Connection.Value(await connection.RemapAsync(Remap()));

        Assert.Equal((2, 0, null), (remapped.Mapped, remapped.StillParked, remapped.Next));
        Assert.Equal(RowIds(5), await RowsAsync(connection));
        Assert.Equal(9, await ScalarAsync<decimal>("select amount from transactions where integration_id = $1 and external_id = 'row-4'", connection.Id));
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from parked_rows where integration_id = $1", connection.Id));
        Assert.Empty(connection.Script.Pages);
        Assert.Equal(["rows_parked:transactions remap alice"], await SettledAsync(connection));
    }

    [Fact]
    public async Task Rows_that_still_do_not_fit_stay_parked_and_the_item_stays_open()
    {
        var connection = await ParkedAsync(rows: 3, odd: [1]);
        var remapped = Connection.Value(await connection.RemapAsync(Remap()));
        Assert.Equal((0, 1), (remapped.Mapped, remapped.StillParked));
        Assert.Equal("rows_still_parked", Connection.Refused(await connection.ResolveAsync(await DecisionAsync(connection, "remap"))).Code);
        Assert.Empty(await SettledAsync(connection));
    }

    [Fact]
    public async Task Many_rows_are_mapped_again_in_parts_that_can_be_repeated()
    {
        var connection = await ParkedAsync(rows: 1_201, odd: [.. Enumerable.Range(0, 1_200)]);
        connection.Script.MapsOdd = true;
        var mapped = 0L;
        for (long? after = 0; after is { } from;)
        {
            var part = Connection.Value(await connection.RemapAsync(Remap() with { After = from }));
            await Silos.DeactivateAsync(connection.Grain);   // whoever goes on begins anew
            (mapped, after) = (mapped + part.Mapped, part.Next);
        }
        Assert.Equal(1_200, mapped);
        Assert.Equal(0, Connection.Value(await connection.RemapAsync(Remap())).Mapped);
        Assert.Equal(1_201, (await RowsAsync(connection)).Count);
    }

    [Fact]
    public async Task Parked_rows_that_somebody_lets_rest_are_kept_with_who_said_so_and_not_parked_again()
    {
        var connection = await ParkedAsync(rows: 3, odd: [1]);
        Connection.Value(await connection.ResolveAsync(await DecisionAsync(connection, "dismiss")));

        Assert.Equal("alice", await ScalarAsync<string>("select dismissed_by from parked_rows where integration_id = $1", connection.Id));
        Assert.Equal(["rows_parked:transactions dismiss alice"], await SettledAsync(connection));
        Assert.Equal("succeeded", (await EndOfAsync(connection, (await connection.SyncAsync(full: true)).RunId)).Status);
        Assert.Null(await OpenItemAsync(connection));
    }

    [Fact]
    public async Task Trying_again_starts_a_run_with_the_very_write_that_settles_the_item()
    {
        var connection = await ConnectedAsync(of: Cluster.ProviderOfTwoStreams);
        connection.Script.Rows = 2;
        connection.Script.OnPage = (request, _) => Task.FromResult(request.Stream == "fees" ? Script.Unavailable : null);
        await SyncedAsync(connection);
        var gate = connection.Script.BlockFrom(0);

        var decision = await DecisionAsync(connection, "retry");
        var settled = Connection.Value(await connection.ResolveAsync(decision));

        Assert.Equal(["stream_failed:fees retry alice"], await SettledAsync(connection));
        Assert.False((await RunAsync(settled.RunId!.Value)).Ended);
        gate.Open();
        Assert.Equal("succeeded", (await EndOfAsync(connection, settled.RunId.Value)).Status);
    }

    [Fact]
    public async Task A_decision_stands_the_same_one_again_changes_nothing_and_another_is_refused()
    {
        var connection = await ParkedAsync(rows: 3, odd: [1]);
        var decision = await DecisionAsync(connection, "dismiss");

        Assert.Equal("choice_unknown", Connection.Refused(await connection.ResolveAsync(decision with { Choice = "burn" })).Code);
        Assert.Equal("attention_item_not_found",
            Connection.Refused(await connection.ResolveAsync(decision with { Item = Guid.CreateVersion7() })).Code);
        var replies = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => connection.ResolveAsync(decision)));
        Assert.All(replies, reply => Connection.Value(reply));
        Assert.Equal("already_resolved", Connection.Refused(await connection.ResolveAsync(decision with { By = "bob" })).Code);
        Assert.Equal("already_resolved", Connection.Refused(await connection.ResolveAsync(decision with { Choice = "remap" })).Code);
        Assert.Equal(["rows_parked:transactions dismiss alice"], await SettledAsync(connection));
    }

    private static RemapParked Remap() => new() { Stream = "transactions", By = "alice", Note = "Fixed." };

    /// <summary>Connected, some of its rows parked, nothing asked of the provider since.</summary>
    private async Task<Connection> ParkedAsync(int rows, int[] odd)
    {
        var connection = await ConnectedAsync();
        (connection.Script.Rows, connection.Script.PageSize) = (rows, rows);
        connection.Script.Odd.UnionWith(odd);
        Assert.Equal("partial", (await SyncedAsync(connection)).Status);
        connection.Script.Pages.Clear();
        return connection;
    }

    private async Task<ResolveAttention> DecisionAsync(Connection connection, string choice) =>
        new() { Item = (await OpenItemAsync(connection))!.Value, Choice = choice, By = "alice", Note = "Looked at it." };

    private Task<Guid?> OpenItemAsync(Connection connection) =>
        ScalarAsync<Guid?>("select id from attention_items where integration_id = $1 and resolved_at is null", connection.Id);

    private Task<IReadOnlyList<string>> SettledAsync(Connection connection) => ColumnAsync<string>(
        "select key || ' ' || choice || ' ' || resolved_by from attention_items where integration_id = $1 and resolved_at is not null and note is not null order by key",
        connection.Id);
}
