using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Grains.Abstractions;
using FinanceIntegrations.Grains.Tests.Cluster;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

/// <summary>Whatever happens to a write, it is done at most once, and ends in a known state or before a person.</summary>
public sealed class WriteTests(GrainCluster cluster) : GrainTest(cluster)
{
    [Fact]
    public async Task A_write_is_sent_once_however_often_it_is_asked_for_and_its_stream_is_read_afterwards()
    {
        var connection = await ReadyAsync();
        var order = Order();
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => connection.Grain.Write(order, Cancel)));
        var row = await WriteEndsAsync(connection, order.Id);
        Connection.Value(await connection.Grain.Write(order, Cancel));   // after its end, too

        Assert.Equal(("succeeded", $"po_{order.Id:N}", "pending"), (row.Status, row.ExternalId, row.ProviderStatus));
        Assert.Equal(order.Id.ToString("N"), Assert.Single(connection.Script.Orders).Reference);
        Assert.Single(connection.Script.Done);
        await Eventually.HoldsAsync("a run has read where it shows", () => ScalarAsync<long>(
            "select count(*) from sync_runs where integration_id = $1 and trigger = 'webhook' and ended_at is not null", connection.Id), runs => runs == 1, cancel: Cancel);
    }

    [Fact]
    public async Task A_write_that_the_provider_refuses_has_not_happened_and_says_why()
    {
        var connection = await ReadyAsync();
        connection.Script.BeforeWrite = _ => Task.FromResult<ProviderError?>(Script.Declined);
        var row = await WriteEndsAsync(connection, await WriteAsync(connection));
        Assert.Equal(("failed", "business_rule", "insufficient_funds"), (row.Status, row.ErrorClass, row.ErrorCode));
        Assert.Single(connection.Script.Orders);
        Assert.Empty(connection.Script.Done);
    }

    [Fact]
    public async Task A_write_with_a_token_that_is_refused_is_sent_again_with_a_new_one()
    {
        var connection = await ReadyAsync();
        await Clock.AdvanceAsync(TimeSpan.FromSeconds(10));   // a younger token is left alone
        connection.Script.RefuseTokens();
        var row = await WriteEndsAsync(connection, await WriteAsync(connection));
        Assert.Equal("succeeded", row.Status);
        Assert.Equal(2, connection.Script.Orders.Count);
        Assert.Single(connection.Script.Done);
        Assert.Single(connection.Script.Orders.Distinct());   // the same reference, the same idempotency key
    }

    [Fact]
    public async Task A_write_whose_answer_was_lost_is_found_and_not_sent_again()
    {
        var connection = await ReadyAsync();
        connection.Script.AfterWrite = _ => Task.FromResult<ProviderError?>(Script.TimedOut);
        var id = await WriteAsync(connection);
        await StatusAsync(id, "outcome_unknown");
        var row = await Clock.GoesByUntilAsync("the write is found", () => RowAsync(id), seen => seen.Settled, Cancel);
        Assert.Equal(("succeeded", $"po_{id:N}"), (row.Status, row.ExternalId));
        Assert.Single(connection.Script.Orders);
    }

    [Fact]
    public async Task A_write_that_never_arrived_ends_as_not_executed_only_when_the_provider_has_had_time()
    {
        var connection = await ReadyAsync();
        connection.Script.BeforeWrite = _ => Task.FromResult<ProviderError?>(Script.TimedOut);
        var began = Clock.Now;
        var id = await WriteAsync(connection);
        await StatusAsync(id, "outcome_unknown");
        var row = await Clock.GoesByUntilAsync("the write ends", () => RowAsync(id), seen => seen.Settled, Cancel);
        Assert.Equal(("failed", "not_executed"), (row.Status, row.ErrorCode));
        Assert.True(Clock.Now - began >= TimeSpan.FromSeconds(60 + 5 + 90), $"after {Clock.Now - began}");
        Assert.Single(connection.Script.Orders);
    }

    [Fact]
    public async Task Where_nobody_can_tell_a_person_is_asked_and_what_they_say_counts()
    {
        var (connection, id, item) = await AskedAsync();
        var decision = new ResolveAttention { Item = item, Choice = "happened", By = "bob", Note = "Seen in the dashboard." };
        Connection.Value(await connection.ResolveAsync(decision));
        var row = await RowAsync(id);
        Assert.Equal(("succeeded", "bob"), (row.Status, row.DecidedBy));
        Assert.Single(connection.Script.Orders);
        Connection.Value(await connection.ResolveAsync(decision));   // the same answer again changes nothing
    }

    [Fact]
    public async Task A_person_can_have_it_looked_up_again_and_is_asked_again_where_that_tells_nothing()
    {
        var (connection, id, item) = await AskedAsync();
        Connection.Value(await connection.ResolveAsync(new() { Item = item, Choice = "look_again", By = "bob" }));
        var again = await Eventually.HoldsAsync("a person is asked again", () => OpenItemAsync(connection, id), open => open != default && open != item, cancel: Cancel);
        connection.Script.LookUpError = null;
        Connection.Value(await connection.ResolveAsync(new() { Item = again, Choice = "look_again", By = "bob" }));
        var row = await Eventually.HoldsAsync("the write is found", () => RowAsync(id), seen => seen.Settled, cancel: Cancel);
        Assert.Equal(("succeeded", null), (row.Status, row.DecidedBy));
    }

    [Fact]
    public async Task A_write_whose_silo_was_killed_is_looked_up_after_its_deadline_and_not_sent_again()
    {
        var connection = await ReadyAsync();
        var (id, gate) = await HeldAsync(connection);
        await Cluster.KillSiloOfAsync(connection.Grain);
        await connection.StatusAsync();
        Assert.Equal("sending", (await RowAsync(id)).Status);

        var row = await Clock.GoesByUntilAsync("the write is found", () => RowAsync(id), seen => seen.Settled, Cancel);
        gate.Open();
        Assert.Equal(("succeeded", $"po_{id:N}"), (row.Status, row.ExternalId));
        Assert.Single(connection.Script.Orders);
    }

    [Fact]
    public async Task An_answer_that_comes_while_the_activation_ends_is_heard_and_stored()
    {
        var connection = await ReadyAsync();
        var (id, gate) = await HeldAsync(connection);
        var deactivation = Silos.DeactivateAsync(connection.Grain);
        gate.Open();
        await deactivation;
        var row = await Eventually.HoldsAsync("the write ends", () => RowAsync(id), seen => seen.Settled, cancel: Cancel);
        Assert.Equal("succeeded", row.Status);
        Assert.Single(connection.Script.Orders);
    }

    [Fact]
    public async Task A_deletion_hears_a_write_that_is_being_sent_to_its_end()
    {
        var connection = await ReadyAsync();
        var (id, gate) = await HeldAsync(connection);
        var deletion = await DeletionBegunAsync(connection);
        gate.Open();
        Assert.True(Connection.Value(await deletion.WaitAsync(TimeSpan.FromSeconds(20), Cancel)).Revoked);
        Assert.Equal(("succeeded", $"po_{id:N}"), ((await RowAsync(id)).Status, (await RowAsync(id)).ExternalId));
    }

    [Fact]
    public async Task A_deletion_is_refused_while_a_write_takes_long_and_nothing_is_lost()
    {
        var connection = await ReadyAsync();
        var (id, gate) = await HeldAsync(connection);
        var deletion = await DeletionBegunAsync(connection);
        await Clock.GoesByUntilAsync("it answers", () => Task.FromResult(deletion.IsCompleted), answered => answered, Cancel);
        Assert.Equal("calls_under_way", Connection.Refused(await deletion).Code);
        Assert.Equal("active", (await connection.StatusAsync()).Status);
        gate.Open();
        Assert.Equal("succeeded", (await WriteEndsAsync(connection, id)).Status);
        Assert.True(Connection.Value(await connection.Grain.Delete(purge: false, Cancel)).Revoked);
    }

    [Fact]
    public async Task What_is_unknown_when_the_connection_is_switched_off_is_asked_at_once_and_looked_up_when_it_is_on_again()
    {
        var connection = await ReadyAsync();
        connection.Script.AfterWrite = _ => Task.FromResult<ProviderError?>(Script.TimedOut);
        var id = await WriteAsync(connection);
        await StatusAsync(id, "outcome_unknown");
        await connection.SwitchAsync(on: false);
        var item = await OpenItemAsync(connection, id);
        Assert.NotEqual(default, item);
        Assert.Equal("switched_off", Connection.Refused(await connection.ResolveAsync(new() { Item = item, Choice = "look_again", By = "bob" })).Code);

        await Clock.AdvanceAsync(TimeSpan.FromMinutes(5));
        Assert.Equal((item, "outcome_unknown"), (await OpenItemAsync(connection, id), (await RowAsync(id)).Status));
        await connection.SwitchAsync(on: true);
        Assert.Equal("succeeded", (await WriteEndsAsync(connection, id)).Status);
        Assert.Equal(default, await OpenItemAsync(connection, id));
    }

    [Fact]
    public async Task A_write_whose_silo_was_killed_while_the_connection_is_off_is_asked_about_after_its_deadline()
    {
        var connection = await ReadyAsync();
        var (id, gate) = await HeldAsync(connection);
        await connection.SwitchAsync(on: false);
        Assert.Equal(default, await OpenItemAsync(connection, id));
        await Cluster.KillSiloOfAsync(connection.Grain);
        await connection.StatusAsync();
        await Clock.GoesByUntilAsync("a person is asked", () => OpenItemAsync(connection, id), open => open != default, Cancel);
        gate.Open();
        Assert.Equal("outcome_unknown", (await RowAsync(id)).Status);
        Assert.Single(connection.Script.Orders);
    }

    [Fact]
    public async Task What_the_operator_has_not_switched_on_or_the_provider_does_not_offer_is_refused_and_leaves_no_trace()
    {
        var connection = await ReadyAsync();
        var cancel = new StartWrite { Id = Guid.CreateVersion7(Clock.Now), Order = WriteOrderJson.Of(new CancelPayout("po_1")), By = "alice" };
        Assert.Equal("write_switched_off", Connection.Refused(await connection.Grain.Write(cancel, Cancel)).Code);
        var accept = cancel with { Order = WriteOrderJson.Of(new AcceptDispute("dp_1")) };
        Assert.Equal("not_supported", Connection.Refused(await connection.Grain.Write(accept, Cancel)).Code);
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from operations where integration_id = $1", connection.Id));
        Assert.Empty(connection.Script.Orders);
    }

    [Fact]
    public async Task A_deletion_hears_an_open_write_to_its_end_and_says_of_the_others_that_nobody_knows()
    {
        var (connection, id, _) = await AskedAsync();
        await connection.Grain.Delete(purge: false, Cancel);
        var row = await RowAsync(id);
        Assert.Equal(("outcome_unknown", "integration_deleted"), (row.Status, row.ErrorCode));
    }

    private async Task<Connection> ReadyAsync()
    {
        Cluster.SwitchOn(WriteKinds.CreatePayout);
        return await ConnectedAsync();
    }

    /// <summary>A write that has taken effect, and whose answer waits at the gate.</summary>
    private async Task<(Guid Write, Gate Gate)> HeldAsync(Connection connection)
    {
        var gate = new Gate();
        connection.Script.AfterWrite = async _ =>
        {
            await gate.PassAsync(CancellationToken.None);
            return null;
        };
        var id = await WriteAsync(connection);
        await Eventually.HoldsAsync("the order has taken effect", () => Task.FromResult(gate.Arrivals), seen => seen == 1, cancel: Cancel);
        return (id, gate);
    }

    private async Task<Task<Reply<DeletionView>>> DeletionBegunAsync(Connection connection)
    {
        var deletion = connection.Grain.Delete(purge: false, Cancel);
        await Eventually.HoldsAsync("the deletion has begun", () => Task.FromResult(Cluster.Turns.Begun(connection.Grain, "Delete") == 1), cancel: Cancel);
        return deletion;
    }

    /// <summary>A write of which no answer came, which cannot be looked up, and the item that asks about it.</summary>
    private async Task<(Connection Connection, Guid Write, Guid Item)> AskedAsync()
    {
        var connection = await ReadyAsync();
        connection.Script.AfterWrite = _ => Task.FromResult<ProviderError?>(Script.TimedOut);
        connection.Script.LookUpError = Script.Unavailable;
        var id = await WriteAsync(connection);
        var item = await Clock.GoesByUntilAsync("a person is asked", () => OpenItemAsync(connection, id), open => open != default, Cancel);
        return (connection, id, item);
    }

    private Task<Guid> OpenItemAsync(Connection connection, Guid write) => ScalarAsync<Guid>(
        "select id from attention_items where integration_id = $1 and key = $2 and resolved_at is null", connection.Id, $"outcome_unknown:{write:N}");

    private StartWrite Order() => new()
    {
        Id = Guid.CreateVersion7(Clock.Now),
        Order = WriteOrderJson.Of(new CreatePayout(12.34m, "GBP")),
        By = "alice",
    };

    private async Task<Guid> WriteAsync(Connection connection) => Connection.Value(await connection.Grain.Write(Order(), Cancel)).OperationId;

    private Task<Row> WriteEndsAsync(Connection connection, Guid write) =>
        Eventually.HoldsAsync($"the write of {connection.Id} ends", () => RowAsync(write), row => row.Settled, cancel: Cancel);

    private Task<Row> StatusAsync(Guid write, string status) =>
        Eventually.HoldsAsync($"the write is {status}", () => RowAsync(write), row => row.Status == status, cancel: Cancel);

    private async Task<Row> RowAsync(Guid write)
    {
        var row = await ColumnAsync<string?[]>(
            "select array[status, external_id, provider_status, error_class, error_code, decided_by, settled_at::text] from operations where id = $1", write);
        var c = Assert.Single(row);
        return new(c[0]!, c[1], c[2], c[3], c[4], c[5], c[6] is not null);
    }

    private sealed record Row(string Status, string? ExternalId, string? ProviderStatus, string? ErrorClass, string? ErrorCode, string? DecidedBy, bool Settled);
}
