using System.Net;
using System.Text.Json.Nodes;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.MainJob;

/// <summary>What a bank's deposit is made of, to the penny, and what is said where it does not add up.</summary>
public sealed class PayoutTests(SharedCluster shared) : ProductTest(shared)
{
    [Fact]
    public async Task Every_payout_that_Stripe_itemises_shows_the_books_entries_and_adds_up()
    {
        var account = await Sandbox.NewAccountAsync(250, Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        await Sandbox.AdvanceAsync(account, "payout_paid", 2, cancel: Cancel);
        Assert.Equal("succeeded", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);

        var told = (await Sandbox.BooksAsync(account, Cancel)).Entries();
        Assert.True(told.Count > 5);
        foreach (var payout in await user.ListAsync($"/{id}/payouts", cancel: Cancel))
        {
            var of = (string)payout["id"]!;
            var one = (await user.GetAsync($"/{id}/payouts/{of}", Cancel)).MustBeOk("payout").Json!;
            var entries = await user.ListAsync($"/{id}/payouts/{of}/entries", limit: 3, cancel: Cancel);
            Assert.Equal(told.TryGetValue(of, out var lines) ? lines : [], StripeBooks.SeenEntries(entries));
            Assert.Equal(entries.Count, (int)one["entries"]!["count"]!);
            Assert.Equal(lines is null ? null : (string?)payout["status"] == "paid" ? true : null, (bool?)one["entries"]!["adds_up"]);
            if (lines is not null) Assert.Equal((string?)payout["amount"], (string?)one["entries"]!["net"]);
        }
        Assert.Equal((HttpStatusCode.NotFound, "payout_not_found"), await RefusedAsync(user, $"/{id}/payouts/po_none"));
        Assert.Equal((HttpStatusCode.NotFound, "payout_not_found"), await RefusedAsync(user, $"/{id}/payouts/po_none/entries"));
        Assert.Equal((HttpStatusCode.NotFound, "integration_not_found"), await RefusedAsync(NewUser("bob"), $"/{id}/payouts/{told.Keys.First()}/entries"));
    }

    [Fact]
    public async Task A_payout_whose_entries_disagree_is_laid_before_a_person_and_goes_away_when_it_adds_up()
    {
        var account = await Sandbox.NewAccountAsync(60, Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        var (run, item) = await DisagreeAsync(user, id, account);
        Assert.Equal(["entries_disagree payout_entries"], run["reasons"]!.AsArray().Select(one => $"{one!["code"]} {one["stream"]}"));
        Assert.Equal(["full_read", "accept", "dismiss"], item["choices"]!.AsArray().Select(choice => (string?)choice!["code"]));
        var payout = ((string)item["what_happened"]!).Split(' ')[1];
        var one = (await user.GetAsync($"/{id}/payouts/{payout}", Cancel)).MustBeOk("payout").Json!;
        Assert.False((bool)one["entries"]!["adds_up"]!);
        Assert.Contains($"Payout {payout} is of {one["currency"]} {one["amount"]}, and its entries add up to {one["entries"]!["net"]}: a difference of 1",
            (string?)item["what_happened"], StringComparison.Ordinal);

        var resolved = (await user.PostAsync($"/attention/{item["id"]}/resolve", new { choice = "full_read" }, Cancel)).MustBeOk("resolve").Json!;
        await user.EndOfRunAsync(id, (string)resolved["run_id"]!, Cancel);
        // Of when an answer is, is known to the second, less the time that it took: a slow one right behind may count as older than the one that was wrong.
        await Eventually.HoldsAsync("a run that finds it right has settled it", async () =>
        {
            await user.SyncAsync(id, full: true, Cancel);
            return (await OpenAsync(user, id)).Count;
        }, open => open == 0, cancel: Cancel);
        Assert.True((bool)(await user.GetAsync($"/{id}/payouts/{payout}", Cancel)).MustBeOk("payout").Json!["entries"]!["adds_up"]!);
    }

    [Fact]
    public async Task A_difference_that_a_person_accepts_is_not_laid_before_anybody_again()
    {
        var account = await Sandbox.NewAccountAsync(60, Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        var (_, item) = await DisagreeAsync(user, id, account);
        (await user.PostAsync($"/attention/{item["id"]}/resolve", new { choice = "accept", note = "The bank says so too." }, Cancel)).MustBeOk("resolve");

        Assert.Equal("succeeded", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
        Assert.Empty(await OpenAsync(user, id));
    }

    [Fact]
    public async Task A_balances_history_begins_with_the_first_and_ends_with_the_balance()
    {
        var account = await Sandbox.NewAccountAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        for (var change = 0; change < 2; change++)
        {
            await Sandbox.AdvanceAsync(account, "charge", 12, cancel: Cancel);
            await user.SyncAsync(id, cancel: Cancel);
            await user.SyncAsync(id, cancel: Cancel);
        }
        foreach (var balance in await user.ListAsync($"/{id}/balances", cancel: Cancel))
        {
            var history = await user.ListAsync($"/{id}/balances/history?account={account}&currency={balance["currency"]}", limit: 2, cancel: Cancel);
            Assert.Equal(Figures(balance), Figures(history[0]));
            Assert.All(history.Zip(history.Skip(1)), pair => Assert.NotEqual(Figures(pair.First), Figures(pair.Second)));
        }
        Assert.True((await user.ListAsync($"/{id}/balances/history", cancel: Cancel)).Count > (await user.ListAsync($"/{id}/balances", cancel: Cancel)).Count);

        static string Figures(JsonNode row) => $"{row["available"]} {row["pending"]} {row["reserved"]}";
    }

    /// <summary>One payout's entries come to 1.00, or a hundred yen, more than they did.</summary>
    private async Task<(JsonNode Run, JsonNode Item)> DisagreeAsync(ApiUser user, string id, string account)
    {
        await Sandbox.AdvanceAsync(account, "payout_paid", cancel: Cancel);
        await using (await Sandbox.FaultAsync(new { kind = "amounts", path = "/v1/balance_transactions", query = "payout=", times = 1 }, Cancel))
        {
            var run = await user.SyncAsync(id, cancel: Cancel);
            Assert.Equal(("partial", false), ((string?)run["status"], (bool)run["success"]!));
            return (run, Assert.Single(await OpenAsync(user, id)));
        }
    }

    private static async Task<(HttpStatusCode, string?)> RefusedAsync(ApiUser who, string path)
    {
        var refused = await who.GetAsync(path, Cancel);
        return (refused.Status, refused.Code);
    }

    private static Task<List<JsonNode>> OpenAsync(ApiUser user, string id) =>
        user.ListAsync($"/attention?kind=payout_mismatch&integration={id}", cancel: Cancel);
}
