using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.MainJob;

public sealed class WebhookTests(SharedCluster shared) : ProductTest(shared)
{
    [Fact]
    public async Task Events_change_the_rows_that_they_are_about()
    {
        var account = await Sandbox.NewAccountAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        var since = await Sandbox.LastSequenceAsync(Cancel);

        List<string> told = [];
        foreach (var kind in new[] { "payout", "payout_paid", "payout_failed", "dispute", "dispute_closed", "charge", "refund" })
            told.AddRange((await Sandbox.AdvanceAsync(account, kind, cancel: Cancel)).EventIds);
        foreach (var eventId in told) Assert.Equal(1, (await SendEventAsync(account, eventId)).Statuses["200"]);
        await ProcessedAsync([.. told]);

        var books = await Sandbox.BooksAsync(account, Cancel);
        foreach (var kind in new[] { "payouts", "disputes", "payments" })
            Assert.Equal(books.Lines(kind), StripeBooks.Seen(kind, await user.ListAsync($"/{id}/{kind}", cancel: Cancel)));
        Assert.Empty(await Sandbox.RequestsAsync(account, since, Cancel));

        var events = await user.ListAsync($"/{id}/webhook-events", cancel: Cancel);
        Assert.Equal(told.Order(), events.Select(one => (string)one["provider_event_id"]!).Order());
        Assert.All(events, one => Assert.True((bool)one["processed"]!));
    }

    [Fact]
    public async Task An_older_event_does_not_overwrite_a_newer_state()
    {
        var account = await Sandbox.NewAccountAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        var (_, created) = await Sandbox.AdvanceAsync(account, "payout", cancel: Cancel);
        var (paid, arrived) = await Sandbox.AdvanceAsync(account, "payout_paid", cancel: Cancel);
        string[] newestFirst = [.. created.Concat(arrived).Reverse()];

        foreach (var eventId in newestFirst)
        {
            await SendEventAsync(account, eventId);
            await ProcessedAsync(eventId);
        }

        var books = await Sandbox.BooksAsync(account, Cancel);
        Assert.Equal(books.Lines("payouts"), StripeBooks.Seen("payouts", await user.ListAsync($"/{id}/payouts", cancel: Cancel)));
        Assert.Equal("paid", (string?)books.Rows("payouts").Single(row => (string?)row["id"] == paid[0])["status"]);
    }

    [Fact]
    public async Task The_same_event_twice_is_one_event()
    {
        var account = await Sandbox.NewAccountAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        var (_, told) = await Sandbox.AdvanceAsync(account, "payout_paid", cancel: Cancel);

        var outcome = await SendEventAsync(account, told[^1], duplicate: 5);
        Assert.Equal(5, outcome.Statuses["200"]);
        await ProcessedAsync(told[^1]);
        Assert.Equal(1, (await SendEventAsync(account, told[^1])).Statuses["200"]);

        var seen = Assert.Single(await user.ListAsync($"/{id}/webhook-events", cancel: Cancel));
        Assert.Equal(("done", 1), ((string?)seen["status"], (int)seen["attempts"]!));
    }

    [Fact]
    public async Task An_event_of_one_account_reaches_every_integration_of_that_account_and_no_other()
    {
        var account = await Sandbox.NewAccountAsync(50, Cancel);
        var (alice, bob, carol) = (NewUser("alice"), NewUser("bob"), NewUser("carol"));
        var ofAlice = await alice.ConnectedAsync(account, cancel: Cancel);
        var ofBob = await bob.ConnectedAsync(account, cancel: Cancel);
        var ofCarol = await carol.ConnectedAsync(await Sandbox.NewAccountAsync(50, Cancel), cancel: Cancel);

        var (ids, told) = await Sandbox.AdvanceAsync(account, "payout_paid", cancel: Cancel);
        foreach (var eventId in told) await SendEventAsync(account, eventId);
        await ProcessedAsync([.. told]);

        Assert.Contains(await alice.ListAsync($"/{ofAlice}/payouts", cancel: Cancel), row => (string?)row["id"] == ids[0]);
        Assert.Contains(await bob.ListAsync($"/{ofBob}/payouts", cancel: Cancel), row => (string?)row["id"] == ids[0]);
        Assert.DoesNotContain(await carol.ListAsync($"/{ofCarol}/payouts", cancel: Cancel), row => (string?)row["id"] == ids[0]);
        Assert.Empty(await carol.ListAsync($"/{ofCarol}/webhook-events", cancel: Cancel));
    }
}
