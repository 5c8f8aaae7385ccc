using System.Text.Json.Nodes;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests;

public sealed class AdvanceTests
{
    [Theory]
    [InlineData("charge", "charges", "charge.succeeded")]
    [InlineData("refund", "refunds", "refund.created")]
    [InlineData("payout", "payouts", "payout.created")]
    [InlineData("payout_paid", "payouts", "payout.paid")]
    [InlineData("payout_failed", "payouts", "payout.failed")]
    [InlineData("dispute", "disputes", "charge.dispute.created")]
    [InlineData("dispute_closed", "disputes", "charge.dispute.closed")]
    public async Task What_happens_is_on_the_books_and_among_the_events(string kind, string resource, string type)
    {
        await using var sandbox = await RunningSandbox.StartConnectedAsync();
        var change = await sandbox.ControlAsync($"/control/stripe/accounts/{sandbox.Account}/advance", new { kind, count = 3 });
        var ids = change["ids"]!.AsArray().Select(id => (string)id!).ToList();
        Assert.Equal(3, ids.Distinct().Count());
        foreach (var id in ids) Assert.Equal(id, (string)(await sandbox.GetAsync($"/v1/{resource}/{id}"))["id"]!);
        var events = await sandbox.ListAsync($"/v1/events?type={type}");
        Assert.All(ids, id => Assert.Contains(events, item => (string)item["data"]!["object"]!["id"]! == id));
        await AssertBalanceAsync(sandbox);
    }

    [Fact]
    public async Task Settling_makes_pending_money_available_without_an_event()
    {
        await using var sandbox = await RunningSandbox.StartConnectedAsync();
        var before = await sandbox.ListAsync("/v1/events");
        await sandbox.ControlAsync($"/control/stripe/accounts/{sandbox.Account}/advance", new { kind = "settle", until = 4_000_000_000 });
        Assert.All(await sandbox.ListAsync("/v1/balance_transactions"), row => Assert.Equal("available", (string)row["status"]!));
        Assert.Equal(before.Count, (await sandbox.ListAsync("/v1/events")).Count);
        await AssertBalanceAsync(sandbox);
    }

    [Fact]
    public async Task A_restarted_sandbox_answers_the_same()
    {
        var folder = Directory.CreateTempSubdirectory("sandbox").FullName;
        string[] settings = [$"--Sandbox:DataFolder={folder}", "--Sandbox:Anchor="];
        string token, books, extra;
        await using (var first = await RunningSandbox.StartAsync(settings))
        {
            var (_, answer) = await first.ExchangeAsync((await first.AuthorizeAsync("sandbox_approve=1"))["code"]);
            token = (string)answer["access_token"]!;
            foreach (var kind in new[] { "charge", "refund", "payout_failed", "dispute" })
                await first.ControlAsync($"/control/stripe/accounts/{first.Account}/advance", new { kind, count = 2 });
            await first.ControlAsync("/control/stripe/accounts", new { id = "acct_extra", transactions = 50 });
            books = (await first.ControlAsync($"/control/stripe/accounts/{first.Account}/books")).ToJsonString();
            extra = (await first.ControlAsync("/control/stripe/accounts/acct_extra/books")).ToJsonString();
        }
        await using (var second = await RunningSandbox.StartAsync(settings))
        {
            Assert.Equal(books, (await second.ControlAsync($"/control/stripe/accounts/{second.Account}/books")).ToJsonString());
            Assert.Equal(extra, (await second.ControlAsync("/control/stripe/accounts/acct_extra/books")).ToJsonString());
            await second.GetAsync("/v1/balance");
            await second.GetAsync("/v1/balance", account: "", key: token);
            await second.ControlAsync($"/control/stripe/accounts/{second.Account}/revoke", new { });
        }
        await using var third = await RunningSandbox.StartAsync(settings);
        await third.GetAsync("/v1/balance", System.Net.HttpStatusCode.Forbidden);
        await third.GetAsync("/v1/balance", System.Net.HttpStatusCode.Unauthorized, account: "", key: token);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_line_that_a_crash_cut_short_costs_no_line_after_it()
    {
        var folder = Directory.CreateTempSubdirectory("sandbox").FullName;
        string[] settings = [$"--Sandbox:DataFolder={folder}", "--Sandbox:Anchor=", "--Sandbox:Stripe:Transactions=20"];
        var books = "";
        for (var start = 0; start < 3; start++)
        {
            await using (var sandbox = await RunningSandbox.StartAsync(settings))
            {
                var path = $"/control/stripe/accounts/{sandbox.Account}";
                if (start > 0) Assert.Equal(books, (await sandbox.ControlAsync($"{path}/books"))["charges"]!.ToJsonString());
                await sandbox.ControlAsync($"{path}/advance", new { kind = "charge" });
                books = (await sandbox.ControlAsync($"{path}/books"))["charges"]!.ToJsonString();
            }
            await File.AppendAllTextAsync(Path.Combine(folder, "journal.jsonl"), """{"topic":"stripe.adv""", TestContext.Current.CancellationToken);
        }
        Directory.Delete(folder, recursive: true);
    }

    private static async Task AssertBalanceAsync(RunningSandbox sandbox)
    {
        var rows = await sandbox.ListAsync("/v1/balance_transactions");
        var balance = await sandbox.GetAsync("/v1/balance");
        long Sum(string part) => balance[part]!.AsArray().OfType<JsonNode>().Sum(sum => (long)sum["amount"]!);
        Assert.Equal(rows.Where(row => (string)row["status"]! == "available").Sum(row => (long)row["net"]!), Sum("available"));
        Assert.Equal(rows.Where(row => (string)row["status"]! == "pending").Sum(row => (long)row["net"]!), Sum("pending"));
    }
}
