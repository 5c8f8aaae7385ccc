using System.Globalization;
using FinanceIntegrations.Domain.Webhooks;
using FinanceIntegrations.Grains.Tests.Cluster;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

public sealed class WebhookTests(GrainCluster cluster) : GrainTest(cluster)
{
    private const string Version = "select amount::bigint from transactions where integration_id = $1 and external_id = $2";
    private const string Statuses = "select status from webhook_deliveries where integration_id = $1 order by event_id";
    private const string Attempts = "select max(attempts) from webhook_deliveries where integration_id = $1 and status <> 'done'";
    private const string Open = "select count(*) from webhook_deliveries where integration_id = $1 and status = 'pending'";

    [Fact]
    public async Task Events_take_effect_and_are_processed_in_the_order_in_which_they_came()
    {
        var connection = await ConnectedAsync();
        await Inbox.ReceiveAsync(connection, [.. Enumerable.Range(1, 30).Select(version => ("row", $"a {version}")), ("row", "b 1")]);
        await connection.Grain.TakeWebhooks();
        await DoneAsync(connection, 31);
        Assert.Equal(30, await ScalarAsync<long>(Version, connection.Id, "a"));
        Assert.Equal(1, await ScalarAsync<long>(Version, connection.Id, "b"));
        Assert.Equal(31, await ProcessedAsync(connection));
    }

    [Fact]
    public async Task An_older_event_that_comes_late_changes_nothing()
    {
        var connection = await ConnectedAsync();
        await Inbox.ReceiveAsync(connection, ("row", "a 7"));
        await connection.Grain.TakeWebhooks();
        await DoneAsync(connection, 1);
        await Inbox.ReceiveAsync(connection, ("row", "a 3"));
        await connection.Grain.TakeWebhooks();
        await DoneAsync(connection, 2);
        Assert.Equal(7, await ScalarAsync<long>(Version, connection.Id, "a"));
    }

    [Fact]
    public async Task A_lost_hint_costs_only_the_time_until_the_sweep()
    {
        var connection = await ConnectedAsync();
        await Inbox.ReceiveAsync(connection, ("row", "a 1"), ("other", ""));
        await Clock.GoesByUntilAsync("the sweep finds it", () => ScalarAsync<long>(Open, connection.Id), open => open == 0, Cancel);
        Assert.Equal(["done", "ignored"], await ColumnAsync<string>(Statuses, connection.Id));
        Assert.Equal(2, await ProcessedAsync(connection));
    }

    [Theory]
    [InlineData("unreadable", "The body does not fit.")]
    [InlineData("bug", "The event could not be interpreted.")]
    [InlineData("oversized", "The database refuses its data (SQLSTATE 22001).")]
    public async Task A_poison_event_holds_up_nobody_and_ends_as_a_dead_letter(string poison, string error)
    {
        var connection = await ConnectedAsync();
        using var outcomes = new DeliveryOutcomes(connection.Provider);
        await Inbox.ReceiveAsync(connection, ("row", "a 1"), (poison, "p 1"), ("row", "a 2"), ("row", "b 1"));
        await connection.Grain.TakeWebhooks();
        await Eventually.HoldsAsync("those around it are done",
            () => ColumnAsync<string>(Statuses, connection.Id), seen => seen.SequenceEqual(["done", "pending", "done", "done"]),
            cancel: Cancel);
        Assert.Equal(2, await ScalarAsync<long>(Version, connection.Id, "a"));
        Assert.Equal(1, await ScalarAsync<int>(Attempts, connection.Id));

        for (var attempt = 2; attempt <= DeliveryRetry.Default.MaxAttempts; attempt++)
        {
            await Clock.AdvanceToAsync(await NextAttemptAsync(connection));
            await Clock.GoesByUntilAsync(
                $"attempt {attempt}", () => ScalarAsync<int>(Attempts, connection.Id), seen => seen == attempt, Cancel);
        }
        Assert.Equal(["done", "dead", "done", "done"], await ColumnAsync<string>(Statuses, connection.Id));
        Assert.Equal(error, await ScalarAsync<string>(
            "select last_error from webhook_deliveries where integration_id = $1 and status = 'dead'", connection.Id));
        Assert.Equal(3, await ProcessedAsync(connection));   // the dead one can be replayed

        var dead = await ScalarAsync<long>("select event_id from webhook_deliveries where integration_id = $1 and status = 'dead'", connection.Id);
        Assert.Equal(
            [$"warning: Event {await ScalarAsync<string>("select provider_event_id from webhook_events where id = $1", dead)} ({poison}) is given up at attempt 8: {error} "
                + $"When that is mended, POST /api/integrations/{connection.Id}/webhook-events/{dead}/replay takes it again."],
            await ColumnAsync<string>("select level || ': ' || message from integration_logs where integration_id = $1 and event = 'webhook_dead'", connection.Id));
        await Eventually.HoldsAsync("they are counted", () => Task.FromResult((outcomes["done"], outcomes["failed"], outcomes["dead"])), seen => seen == (3, 7, 1), cancel: Cancel);
    }

    [Fact]
    public async Task Withdrawn_consent_marks_the_integration_and_stops_every_call()
    {
        var connection = await ConnectedAsync(frequency: 5);
        await Inbox.ReceiveAsync(connection, ("row", "a 1"), ("left", Clock.Now.ToString("O", CultureInfo.InvariantCulture)), ("row", "a 2"));
        await connection.Grain.TakeWebhooks();
        await DoneAsync(connection, 3);

        var status = await connection.StatusAsync();
        Assert.Equal(("expired", "consent_withdrawn", "none"), (status.Status, status.StatusReason, status.Token.State));
        Assert.Equal(2, await ScalarAsync<long>(Version, connection.Id, "a"));
        Assert.Equal(3, await ProcessedAsync(connection));
        Assert.Equal("authorization_expired", (await connection.RefusedSyncAsync()).Code);
        Connection.Refused(await connection.Grain.RefreshTokens(onlyIfDue: false, Cancel));
        for (var period = 0; period < 3; period++) await Clock.AdvanceAsync(TimeSpan.FromMinutes(6));
        Assert.Empty(connection.Script.Pages);
        Assert.Empty(connection.Script.Refreshes);
    }

    [Fact]
    public async Task News_of_a_leave_that_is_older_than_the_consent_is_no_news()
    {
        var connection = await ConnectedAsync();
        await Inbox.ReceiveAsync(connection, ("left", Clock.Now.AddHours(-1).ToString("O", CultureInfo.InvariantCulture)));
        await connection.Grain.TakeWebhooks();
        await DoneAsync(connection, 1);
        Assert.Equal("active", (await connection.StatusAsync()).Status);
        Assert.Equal("succeeded", (await SyncedAsync(connection)).Status);
    }

    [Fact]
    public async Task Effect_and_mark_appear_together()
    {
        var connection = await ConnectedAsync();
        await Inbox.ReceiveAsync(connection, [.. Enumerable.Range(0, 1_200).Select(row => ("row", $"r{row} 1"))]);   // three batches
        await connection.Grain.TakeWebhooks();
        await Eventually.HoldsAsync("all are done", async () =>
        {
            var seen = await ColumnAsync<long[]>("""
                select array[(select count(*) from transactions where integration_id = $1),
                    (select count(*) from webhook_deliveries where integration_id = $1 and status = 'done'),
                    (select count(*) from webhook_deliveries d join webhook_events e on e.id = d.event_id
                     where d.integration_id = $1 and e.processed)]
                """, connection.Id);
            if (seen[0].Distinct().Count() > 1) Assert.Fail($"rows, done, processed: {string.Join(", ", seen[0])}");
            return seen[0][0] == 1_200;
        }, cancel: Cancel);
    }

    [Fact]
    public async Task Large_events_are_taken_a_few_at_a_time_and_all_by_one_hint()
    {
        var connection = await ConnectedAsync();
        var filler = new string('x', 3_000_000);
        await Inbox.ReceiveAsync(connection, [.. Enumerable.Range(1, 7).Select(version => ("row", $"a {version} {filler}"))]);
        await connection.Grain.TakeWebhooks();
        await Eventually.HoldsAsync("all are done", () => ScalarAsync<long>(Open, connection.Id), open => open == 0, cancel: Cancel);
        Assert.Equal(7, await ScalarAsync<long>(Version, connection.Id, "a"));
    }

    [Fact]
    public async Task Deliveries_wait_out_a_deactivation_and_are_applied_once()
    {
        var connection = await ConnectedAsync();
        await Inbox.ReceiveAsync(connection, [.. Enumerable.Range(0, 1_200).Select(row => ("row", $"r{row} 1"))]);
        await connection.Grain.TakeWebhooks();
        await Silos.DeactivateAsync(connection.Grain);
        await Clock.GoesByUntilAsync("the sweep finds the rest", () => ScalarAsync<long>(Open, connection.Id), open => open == 0, Cancel);
        Assert.Equal(1_200, (await RowsAsync(connection)).Count);
        Assert.Equal(1, await ScalarAsync<int>("select max(attempts) from webhook_deliveries where integration_id = $1", connection.Id));
    }

    private Task<long> DoneAsync(Connection connection, int count) => Clock.GoesByUntilAsync($"{count} deliveries are done",
        () => ScalarAsync<long>("select count(*) from webhook_deliveries where integration_id = $1 and status = 'done'", connection.Id),
        done => done == count, Cancel);

    private Task<long> ProcessedAsync(Connection connection) => ScalarAsync<long>(
        "select count(*) from webhook_events e join webhook_deliveries d on d.event_id = e.id where d.integration_id = $1 and e.processed",
        connection.Id);

    private async Task<DateTimeOffset> NextAttemptAsync(Connection connection) => await ScalarAsync<DateTime>(
        "select next_attempt_at from webhook_deliveries where integration_id = $1 and status = 'pending'", connection.Id);
}
