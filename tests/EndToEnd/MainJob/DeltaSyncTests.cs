using Xunit;

namespace FinanceIntegrations.EndToEnd.MainJob;

public sealed class DeltaSyncTests(SharedCluster shared) : ProductTest(shared)
{
    [Fact]
    public async Task A_second_sync_takes_every_kind_of_change_with_one_call_per_stream_and_one_per_payout_that_has_news()
    {
        var account = await Sandbox.NewAccountAsync(600, Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        foreach (var kind in new[] { "charge", "refund", "payout", "payout_paid", "payout_failed", "dispute", "dispute_closed" })
            await Sandbox.AdvanceAsync(account, kind, 2, cancel: Cancel);

        var since = await Sandbox.LastSequenceAsync(Cancel);
        var run = await user.SyncAsync(id, cancel: Cancel);

        Assert.Equal("succeeded", (string?)run["status"]);
        await AgreesWithBooksAsync(user, id, account);
        var calls = await Sandbox.RequestsAsync(account, since, Cancel);
        var payouts = calls.Count(call => call.Query.StartsWith("?payout=", StringComparison.Ordinal));
        Assert.InRange(payouts, 1, 4);   // two were paid, and two failed
        Assert.True(calls.Count - payouts <= 8, "calls: " + string.Join('\n', calls));
        Assert.All(calls.Where(call => !call.Query.StartsWith("?payout=", StringComparison.Ordinal) && call.Path is "/v1/balance_transactions" or "/v1/events"), call => Assert.Contains("created", call.Query, StringComparison.Ordinal));
        Assert.DoesNotContain(calls, call => call.Path is "/v1/charges" or "/v1/refunds" or "/v1/payouts" or "/v1/disputes");
    }

    [Fact]
    public async Task A_sync_without_a_change_writes_nothing()
    {
        var account = await Sandbox.NewAccountAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        var before = await RowVersionsAsync(id);

        var delta = await user.SyncAsync(id, cancel: Cancel);
        var full = await user.SyncAsync(id, full: true, cancel: Cancel);

        Assert.Equal(0, (long)delta["synced_records"]!);
        Assert.Equal(0, (long)full["synced_records"]!);
        Assert.Equal(before, await RowVersionsAsync(id));
    }

    [Fact]
    public async Task Pending_rows_that_settled_are_read_again()
    {
        var account = await Sandbox.NewAccountAsync(cancel: Cancel);
        var user = NewUser();
        await Sandbox.AdvanceAsync(account, "charge", 5, cancel: Cancel);
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        var pending = await user.ListAsync($"/{id}/transactions?status=pending", cancel: Cancel);
        Assert.NotEmpty(pending);

        await Sandbox.AdvanceAsync(account, "settle", until: DateTimeOffset.MaxValue.ToUnixTimeSeconds(), cancel: Cancel);
        // Their day has come: the cursor says when looking again is worth it, and time does not pass for a test.
        await Product.ExecuteAsync(
            "update sync_cursors set cursor = jsonb_set(cursor::jsonb, '{pending_due}', '1')::text where integration_id = $1 and stream = 'transactions'",
            Cancel, Guid.Parse(id));
        var run = await user.SyncAsync(id, cancel: Cancel);

        Assert.Equal("succeeded", (string?)run["status"]);
        Assert.Empty(await user.ListAsync($"/{id}/transactions?status=pending", cancel: Cancel));
        await AgreesWithBooksAsync(user, id, account);
    }

    [Fact]
    public async Task A_sync_that_is_not_due_starts_only_by_force()
    {
        var account = await Sandbox.NewAccountAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, frequency: 60, Cancel);

        var refused = await user.PostAsync($"/{id}/sync", cancel: Cancel);
        Assert.Equal((System.Net.HttpStatusCode.Conflict, "not_due"), (refused.Status, refused.Code));
        Assert.Equal("succeeded", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
    }

    /// <summary>PostgreSQL's own mark of the transaction that wrote a row last.</summary>
    private Task<IReadOnlyList<string>> RowVersionsAsync(string id) => Product.ColumnAsync<string>("""
        select external_id || ' ' || xmin from (
            select external_id, xmin::text, integration_id from transactions union all select external_id, xmin::text, integration_id from payments
            union all select external_id, xmin::text, integration_id from payouts union all select external_id, xmin::text, integration_id from disputes
            union all select external_id, xmin::text, integration_id from payout_entries
            union all select external_id, xmin::text, integration_id from balances union all select external_id, xmin::text, integration_id from accounts) r
        where integration_id = $1 order by 1
        """, Cancel, Guid.Parse(id));
}
