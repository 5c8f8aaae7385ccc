using FinanceIntegrations.Grains.Abstractions;
using FinanceIntegrations.Grains.Tests.Cluster;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

/// <summary>Deadlines of disputes: told ahead, whatever brought the dispute, for as long as the provider wants a response.</summary>
public sealed class DisputeTests(GrainCluster cluster) : GrainTest(cluster)
{
    [Fact]
    public async Task A_deadline_is_told_at_each_margin_by_the_alarm_clock_and_taken_back_when_the_provider_wants_no_response()
    {
        var connection = await ConnectedAsync();
        var due = Clock.Now.AddDays(9);
        await ReceiveAsync(connection, "needs_response", due);
        Assert.Empty(await ItemsAsync(connection));
        foreach (var (days, times) in new[] { (7, 1), (3, 2), (1, 3) })
        {
            await Silos.DeactivateAsync(connection.Grain);
            await Clock.AdvanceToAsync(due.AddDays(-days).AddMinutes(-1));
            Assert.Equal(times - 1, await TimesAsync(connection));
            await Clock.GoesByUntilAsync($"{days} days are told", () => TimesAsync(connection), seen => seen == times, Cancel);
        }
        Assert.Equal(["dispute_due:dp_1 open"], await ItemsAsync(connection));
        Assert.StartsWith("12.34 GBP", await ScalarAsync<string>("select at_stake from attention_items where integration_id = $1", connection.Id), StringComparison.Ordinal);

        await ReceiveAsync(connection, "under_review", due);
        await Eventually.HoldsAsync("the item is gone", () => ItemsAsync(connection), items => items is ["dispute_due:dp_1 gone by system"], cancel: Cancel);
        await ReceiveAsync(connection, "lost", due);
        Assert.Equal(["Dispute dp_1 (fraudulent) is lost: 12.34 GBP are gone."], await ColumnAsync<string>(
            "select message from integration_logs where integration_id = $1 and event in ('dispute_lost', 'dispute_won')", connection.Id));
    }

    [Fact]
    public async Task Who_has_handled_it_is_asked_again_at_the_next_margin_if_the_provider_still_wants_a_response()
    {
        var connection = await ConnectedAsync();
        var due = Clock.Now.AddDays(4);
        await ReceiveAsync(connection, "needs_response", due);
        await Eventually.HoldsAsync("it is told at once", () => ItemsAsync(connection), items => items is ["dispute_due:dp_1 open"], cancel: Cancel);
        var item = await ScalarAsync<Guid>("select id from attention_items where integration_id = $1", connection.Id);
        Connection.Value(await connection.ResolveAsync(new ResolveAttention { Item = item, Choice = "handled", By = "alice" }));
        await Clock.AdvanceToAsync(due.AddDays(-3).AddMinutes(-1));
        Assert.Equal(["dispute_due:dp_1 handled by alice"], await ItemsAsync(connection));
        await Clock.GoesByUntilAsync("it is told again", () => ItemsAsync(connection), items => items is [_, "dispute_due:dp_1 open"], Cancel);
    }

    /// <summary>As when a silo dies, or the database is away, just then.</summary>
    [Fact]
    public async Task An_event_is_not_done_while_what_it_must_tell_is_not_stored_and_is_made_up_for()
    {
        var connection = await ConnectedAsync();
        await ExecuteAsync("""
            create sequence refusals;
            create function refuse_items() returns trigger language plpgsql as $$
            begin
                perform nextval('refusals');
                raise exception 'not now';
            end $$;
            create trigger refuse_items before insert on attention_items for each row execute function refuse_items();
            """);
        try
        {
            await Inbox.ReceiveAsync(connection, ("row", "a 1"), ("dispute", $"dp_1 needs_response {Clock.Now.AddDays(4):O}"), ("row", "a 2"));
            await connection.Grain.TakeWebhooks();
            await Eventually.HoldsAsync("it was to be told", () => ScalarAsync<bool>("select is_called from refusals"), cancel: Cancel);
            Assert.Equal("needs_response", await ScalarAsync<string>("select status from disputes where integration_id = $1", connection.Id));
            Assert.Equal(["done", "pending", "done"], await StatusesAsync(connection));
        }
        finally
        {
            await ExecuteAsync("drop trigger refuse_items on attention_items; drop function refuse_items; drop sequence refusals");
        }
        await Clock.GoesByUntilAsync("it is done", () => StatusesAsync(connection), statuses => statuses.All(status => status == "done"), Cancel);
        Assert.Equal(["dispute_due:dp_1 open"], await ItemsAsync(connection));
    }

    [Fact]
    public async Task Events_of_disputes_that_leave_nothing_to_tell_are_done_too()
    {
        var connection = await ConnectedAsync();
        await Inbox.ReceiveAsync(connection, ("dispute", $"dp_1 lost {Clock.Now.AddDays(4):O}"), ("dispute", $"dp_2 won {Clock.Now.AddDays(4):O}"));
        await connection.Grain.TakeWebhooks();
        await Eventually.HoldsAsync("they are done", () => StatusesAsync(connection), statuses => statuses is ["done", "done"], cancel: Cancel);
        Assert.Empty(await ItemsAsync(connection));
    }

    /// <summary>By webhook; waits until it is stored, and what follows from it is, too.</summary>
    private async Task ReceiveAsync(Connection connection, string status, DateTimeOffset due)
    {
        await Inbox.ReceiveAsync(connection, ("dispute", $"dp_1 {status} {due:O}"));
        await connection.Grain.TakeWebhooks();
        await Eventually.HoldsAsync($"the dispute is {status}",
            () => ScalarAsync<string>("select status from disputes where integration_id = $1", connection.Id), seen => seen == status, cancel: Cancel);
        if (status != "needs_response") return;
        await Eventually.HoldsAsync("its deadline is known", () => ScalarAsync<bool>("""
            select convert_from(payload, 'UTF8')::jsonb ->> 'disputes_look_at' is not null from orleans_state
            where grain_type = 'integration' and convert_from(payload, 'UTF8')::jsonb ->> 'id' = $1
            """, connection.Id.ToString()), cancel: Cancel);
    }

    private Task<IReadOnlyList<string>> StatusesAsync(Connection connection) =>
        ColumnAsync<string>("select status from webhook_deliveries where integration_id = $1 order by event_id", connection.Id);

    private async Task<int> TimesAsync(Connection connection) =>
        await ScalarAsync<int>("select times from attention_items where integration_id = $1", connection.Id);

    private Task<IReadOnlyList<string>> ItemsAsync(Connection connection) => ColumnAsync<string>("""
        select key || ' ' || coalesce(choice || ' by ' || resolved_by, 'open') from attention_items where integration_id = $1 order by raised_at
        """, connection.Id);
}
