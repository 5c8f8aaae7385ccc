using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests;

public sealed class ListTests(ConnectedSandbox connected) : IClassFixture<ConnectedSandbox>
{
    private RunningSandbox Sandbox => connected.Sandbox;

    [Fact]
    public async Task Paging_to_the_past_gives_each_row_once_newest_first()
    {
        var rows = await Sandbox.ListAsync("/v1/balance_transactions", limit: 97);
        Assert.Equal(2400, rows.Count);
        Assert.Equal(2400, Ids(rows).Distinct().Count());
        Assert.Equal(rows.Select(row => (long)row["created"]!).OrderDescending(), rows.Select(row => (long)row["created"]!));
    }

    [Fact]
    public async Task Paging_to_the_present_gives_the_same_rows()
    {
        var all = Ids(await Sandbox.ListAsync("/v1/balance_transactions"));
        var found = new List<string> { all[^1] };
        while (true)
        {
            var page = await Sandbox.GetAsync($"/v1/balance_transactions?limit=100&ending_before={found[0]}");
            found.InsertRange(0, Ids(page["data"]!.AsArray()!));
            if (!(bool)page["has_more"]!) break;
        }
        Assert.Equal(all, found);
    }

    [Fact]
    public async Task A_page_says_what_it_is_and_holds_ten_rows_unless_asked()
    {
        using var answer = await Sandbox.SendAsync("/v1/charges");
        var page = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal("list", (string)page["object"]!);
        Assert.Equal("/v1/charges", (string)page["url"]!);
        Assert.Equal(10, page["data"]!.AsArray().Count);
        Assert.StartsWith("req_", answer.Headers.GetValues("Request-Id").Single(), StringComparison.Ordinal);
        Assert.NotNull(answer.Headers.Date);
        Assert.NotEmpty(answer.Headers.GetValues("Stripe-Version"));
    }

    [Theory]
    [InlineData("balance_transactions", "type", "refund")]
    [InlineData("balance_transactions", "currency", "jpy")]
    [InlineData("payouts", "status", "paid")]
    [InlineData("events", "type", "payout.paid")]
    public async Task An_equality_filter_gives_exactly_the_rows_with_that_value(string resource, string field, string value)
    {
        var all = await Sandbox.ListAsync($"/v1/{resource}");
        var found = await Sandbox.ListAsync($"/v1/{resource}?{field}={value}", limit: 7);
        var expected = all.Where(row => (string)row[field]! == value).ToList();
        Assert.NotEmpty(expected);
        Assert.True(expected.Count < all.Count);
        Assert.Equal(Ids(expected), Ids(found));
    }

    [Theory]
    [InlineData("balance_transactions", "created")]
    [InlineData("payouts", "arrival_date")]
    [InlineData("charges", "created")]
    public async Task A_range_has_the_ends_it_names(string resource, string field)
    {
        var all = await Sandbox.ListAsync($"/v1/{resource}");
        var (from, to) = ((long)all[all.Count * 2 / 3][field]!, (long)all[all.Count / 3][field]!);
        foreach (var (query, within) in new (string, Func<long, bool>)[]
        {
            ($"{field}[gte]={from}&{field}[lt]={to}", time => time >= from && time < to),
            ($"{field}[gt]={from}&{field}[lte]={to}", time => time > from && time <= to),
            ($"{field}={from}", time => time == from),
        })
        {
            var expected = all.Where(row => within((long)row[field]!)).ToList();
            Assert.NotEmpty(expected);
            Assert.Equal(Ids(expected), Ids(await Sandbox.ListAsync($"/v1/{resource}?{query}", limit: 50)));
        }
    }

    [Fact]
    public async Task Filters_combine_and_the_source_leads_back_to_its_rows()
    {
        var all = await Sandbox.ListAsync("/v1/balance_transactions");
        var charge = all.First(row => (string)row["type"]! == "charge");
        var bySource = await Sandbox.ListAsync($"/v1/balance_transactions?source={charge["source"]}");
        Assert.Equal([(string)charge["id"]!], Ids(bySource));
        var combined = await Sandbox.ListAsync("/v1/balance_transactions?type=charge&currency=usd&created[gte]=1770000000");
        Assert.Equal(
            Ids(all.Where(row => (string)row["type"]! == "charge" && (string)row["currency"]! == "usd" && (long)row["created"]! >= 1770000000)),
            Ids(combined));
        var events = await Sandbox.ListAsync("/v1/events?types[]=payout.paid&types[]=payout.created");
        Assert.Equal(["payout.created", "payout.paid"], events.Select(row => (string)row["type"]!).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("/v1/payouts?foo=1", HttpStatusCode.BadRequest, "parameter_unknown", "foo")]
    [InlineData("/v1/charges?status=paid", HttpStatusCode.BadRequest, "parameter_unknown", "status")]
    [InlineData("/v1/charges?created[since]=1", HttpStatusCode.BadRequest, "parameter_unknown", "created[since]")]
    [InlineData("/v1/payouts?limit=0", HttpStatusCode.BadRequest, "parameter_invalid_integer", "limit")]
    [InlineData("/v1/payouts?limit=101", HttpStatusCode.BadRequest, "parameter_invalid_integer", "limit")]
    [InlineData("/v1/payouts?limit=ten", HttpStatusCode.BadRequest, "parameter_invalid_integer", "limit")]
    [InlineData("/v1/payouts?starting_after=po_x", HttpStatusCode.BadRequest, "resource_missing", "starting_after")]
    [InlineData("/v1/payouts/po_x", HttpStatusCode.NotFound, "resource_missing", "id")]
    [InlineData("/v1/nothing", HttpStatusCode.NotFound, null, null)]
    public async Task What_is_wrong_is_said_in_Stripes_shape(string path, HttpStatusCode status, string? code, string? param)
    {
        var error = (await Sandbox.GetAsync(path, status))["error"]!;
        Assert.Equal("invalid_request_error", (string)error["type"]!);
        Assert.Equal(code, (string?)error["code"]);
        Assert.Equal(param, (string?)error["param"]);
        Assert.NotEmpty((string)error["message"]!);
    }

    [Fact]
    public async Task An_expanded_id_becomes_the_object()
    {
        var page = await Sandbox.GetAsync("/v1/balance_transactions?limit=5&type=charge&expand[]=data.source.payment_intent");
        Assert.All(page["data"]!.AsArray(), row => Assert.Equal("payment_intent", (string)row!["source"]!["payment_intent"]!["object"]!));
        var id = (string)page["data"]![0]!["source"]!["id"]!;
        var charge = await Sandbox.GetAsync($"/v1/charges/{id}?expand[]=balance_transaction");
        Assert.Equal("balance_transaction", (string)charge["balance_transaction"]!["object"]!);
        await Sandbox.GetAsync($"/v1/charges/{id}?expand[]=nonsense", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Keys_and_accounts_that_are_not_right_are_told_apart()
    {
        await Sandbox.GetAsync("/v1/balance", HttpStatusCode.Unauthorized, key: "sk_test_other");
        await Sandbox.GetAsync("/v1/balance", HttpStatusCode.Forbidden, account: "acct_unknown");
        await Sandbox.GetAsync($"/v1/accounts/{Sandbox.Account}", account: "");
        using var answer = await Sandbox.Client.GetAsync(new Uri(Sandbox.Url + "/v1/balance"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private static List<string> Ids(IEnumerable<JsonNode?> rows) => [.. rows.Select(row => (string)row!["id"]!)];
}
