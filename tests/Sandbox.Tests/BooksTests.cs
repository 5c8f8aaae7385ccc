using System.Text.Json.Nodes;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests;

public sealed class BooksTests(ConnectedSandbox connected) : IClassFixture<ConnectedSandbox>
{
    private const long Anchor = 1781708400;

    private RunningSandbox Sandbox => connected.Sandbox;

    [Fact]
    public async Task The_rows_of_each_payout_net_to_its_amount()
    {
        var payouts = await Sandbox.ListAsync("/v1/payouts");
        Assert.True(payouts.Count > 300);
        foreach (var payout in payouts.Where((_, number) => number % 9 == 0))
        {
            var rows = await Sandbox.ListAsync($"/v1/balance_transactions?payout={payout["id"]}");
            var own = Assert.Single(rows, row => (string)row["type"]! == "payout");
            Assert.Equal((string)payout["balance_transaction"]!, (string)own["id"]!);
            Assert.Equal(-(long)payout["amount"]!, (long)own["net"]!);
            Assert.Equal((long)payout["amount"]!, rows.Where(row => row != own).Sum(row => (long)row["net"]!));
            Assert.All(rows, row => Assert.Equal((string)payout["currency"]!, (string)row["currency"]!));
        }
    }

    [Fact]
    public async Task The_balance_is_the_sum_of_the_books()
    {
        var rows = await Sandbox.ListAsync("/v1/balance_transactions");
        var balance = await Sandbox.GetAsync("/v1/balance");
        foreach (var status in new[] { "available", "pending" })
        {
            foreach (var sum in balance[status]!.AsArray())
            {
                var expected = rows.Where(row => (string)row["status"]! == status && (string)row["currency"]! == (string)sum!["currency"]!)
                    .Sum(row => (long)row["net"]!);
                Assert.Equal(expected, (long)sum!["amount"]!);
            }
        }
        Assert.All(rows, row => Assert.Equal((long)row["available_on"]! <= Anchor, (string)row["status"]! == "available"));
        Assert.All(rows, row => Assert.Equal((long)row["net"]!, (long)row["amount"]! - (long)row["fee"]!));
        Assert.Equal("pending", (string)rows[0]["status"]!);
    }

    [Fact]
    public async Task A_business_of_eighteen_months_has_seen_everything()
    {
        var books = await Sandbox.ControlAsync($"/control/stripe/accounts/{Sandbox.Account}/books");
        Assert.Equal(["adjustment", "charge", "payout", "payout_failure", "refund", "stripe_fee"],
            Values(books["balance_transactions"]!, "type").Except(["refund_failure"]));
        Assert.Equal(["gbp", "jpy", "usd"], Values(books["balance_transactions"]!, "currency"));
        Assert.Superset(new HashSet<string> { "failed", "in_transit", "paid" }, Values(books["payouts"]!, "status").ToHashSet());
        Assert.Superset(new HashSet<string> { "lost", "under_review", "warning_closed", "won" }, Values(books["disputes"]!, "status").ToHashSet());
        Assert.Contains("dispute_reversal", Values(books["balance_transactions"]!, "reporting_category"));
        Assert.Contains(books["charges"]!.AsArray(), charge => (long)charge!["amount_refunded"]! is > 0 && !(bool)charge["refunded"]!);
        Assert.Contains("failed", Values(books["charges"]!, "status"));
        Assert.Superset(
            new HashSet<string> { "charge.succeeded", "payout.created", "payout.paid", "refund.created", "charge.dispute.closed" },
            Values(books["events"]!, "type").ToHashSet());
        var oldest = books["balance_transactions"]!.AsArray()[^1]!;
        Assert.InRange((long)oldest["created"]!, Anchor - (550 * 86400), Anchor - (540 * 86400));
        Assert.All(books["events"]!.AsArray(), item => Assert.True((long)item!["created"]! >= Anchor - (30 * 86400)));
    }

    [Fact]
    public async Task The_same_seed_writes_the_same_books_and_another_seed_others()
    {
        await using var twin = await RunningSandbox.StartAsync();
        await using var other = await RunningSandbox.StartAsync("--Sandbox:Seed=7");
        var books = (await Sandbox.ControlAsync($"/control/stripe/accounts/{Sandbox.Account}/books")).AsObject();
        var same = (await twin.ControlAsync($"/control/stripe/accounts/{twin.Account}/books")).AsObject();
        books.Remove("events"); // connecting the shared sandbox was one
        same.Remove("events");
        Assert.Equal(books.ToJsonString(), same.ToJsonString());
        Assert.NotEqual(Sandbox.Account, other.Account);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(300)]
    [InlineData(301)]
    [InlineData(7000)]
    public async Task An_account_has_exactly_as_many_rows_as_asked_for(int transactions)
    {
        var id = $"acct_of{transactions}";
        var account = await Sandbox.ControlAsync("/control/stripe/accounts", new { id, transactions });
        Assert.Equal(transactions, (int)account["balance_transactions"]!);
    }

    private static IEnumerable<string> Values(JsonNode rows, string field) =>
        rows.AsArray().Select(row => (string)row![field]!).Distinct().Order(StringComparer.Ordinal);
}
