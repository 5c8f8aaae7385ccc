using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests.Square;

public sealed class SquareListTests
{
    [Fact]
    public async Task The_entries_of_every_payout_add_up_to_its_amount_and_net_is_gross_less_fee()
    {
        await using var seller = await SquareSeller.StartAsync(700, "USD");
        foreach (var kind in new[] { "payment", "refund", "dispute", "dispute_closed", "payout", "payout_failed", "payout" }) await seller.AdvanceAsync(kind, 2);
        var books = await seller.BooksAsync();
        var entries = Rows(books, "payout_entries").ToLookup(row => (string)row["payout_id"]!);
        Assert.True(Rows(books, "payouts").Count > 50);
        Assert.All(Rows(books, "payouts"), payout => Assert.Equal(
            (long)payout["amount_money"]!["amount"]!, entries[(string)payout["id"]!].Sum(entry => (long)entry["net_amount_money"]!["amount"]!)));
        Assert.All(entries.SelectMany(group => group), entry => Assert.Equal(
            Amount(entry, "net_amount_money"), Amount(entry, "gross_amount_money") - Amount(entry, "fee_amount_money")));
        Assert.Equal(["CHARGE", "DISPUTE", "OPEN_DISPUTE", "REFUND", "RETURNED_PAYOUT"], entries.SelectMany(group => group).Select(entry => (string)entry["type"]!).Distinct().Order());
        Assert.Equal(700 + 2, Rows(books, "payments").Count);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_books()
    {
        await using var one = await SquareSeller.StartAsync(120);
        await using var other = await SquareSeller.StartAsync(120);
        await using var third = await SquareSeller.StartAsync(120, seed: 6);
        Assert.Equal((await one.BooksAsync()).ToJsonString(), (await other.BooksAsync()).ToJsonString());
        Assert.NotEqual((await one.BooksAsync())["payments"]!.ToJsonString(), (await third.BooksAsync())["payments"]!.ToJsonString());
    }

    [Theory]
    [InlineData("payments", true)]
    [InlineData("payouts", true)]
    [InlineData("refunds", false)]
    [InlineData("disputes", false)]
    public async Task Without_a_location_payments_and_payouts_are_the_main_locations_alone(string name, bool main)
    {
        await using var seller = await SquareSeller.StartAsync(600);
        var books = Rows(await seller.BooksAsync(), name);
        Assert.True(books.Select(row => (string)row["location_id"]!).Distinct().Count() > 1);
        var listed = await seller.ListAsync($"/v2/{name}", name);
        Assert.Equal(books.Where(row => !main || (string?)row["location_id"] == seller.Main).Select(Id).Order(StringComparer.Ordinal), listed.Select(Id).Order(StringComparer.Ordinal));
        var elsewhere = books.First(row => (string?)row["location_id"] != seller.Main)["location_id"]!;
        Assert.All(await seller.ListAsync($"/v2/{name}?location_id={elsewhere}", name), row => Assert.Equal((string)elsewhere!, (string)row["location_id"]!));
    }

    [Fact]
    public async Task Pages_join_to_the_whole_list_newest_first_or_oldest_change_first()
    {
        await using var seller = await SquareSeller.StartAsync();
        var whole = await seller.ListAsync("/v2/payments?limit=7", "payments");
        Assert.Equal(whole.Select(row => (string)row["created_at"]!).OrderDescending(StringComparer.Ordinal), whole.Select(row => (string)row["created_at"]!));
        Assert.Equal(whole.Select(Id), (await seller.ListAsync("/v2/payments?limit=500", "payments")).Select(Id));
        var changed = await seller.ListAsync("/v2/payments?limit=11&sort_field=UPDATED_AT&sort_order=ASC", "payments");
        Assert.Equal(whole.Select(row => (string)row["updated_at"]!).Order(StringComparer.Ordinal), changed.Select(row => (string)row["updated_at"]!));

        var since = TimeProvider.System.GetUtcNow().AddMinutes(-1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var told = await seller.AdvanceAsync("payment", 3);
        var news = new List<JsonNode>();
        foreach (var location in Rows(await seller.BooksAsync(), "locations"))
            news.AddRange(await seller.ListAsync($"/v2/payments?location_id={location["id"]}&updated_at_begin_time={since}", "payments"));
        Assert.Equal(told.Order(StringComparer.Ordinal), news.Select(Id).Order(StringComparer.Ordinal));
        Assert.All(news, row => Assert.NotNull(row["processing_fee"]));
    }

    [Fact]
    public async Task A_cursor_is_good_for_a_while_and_for_its_own_parameters_alone()
    {
        await using var seller = await SquareSeller.StartAsync();
        var cursor = (string)(await seller.GetAsync("/v2/payments?limit=5"))["cursor"]!;
        await seller.GetAsync($"/v2/payments?limit=5&cursor={cursor}");
        Assert.Equal("INVALID_CURSOR", await seller.ErrorAsync($"/v2/payments?limit=6&cursor={cursor}", HttpStatusCode.BadRequest));
        Assert.Equal("INVALID_CURSOR", await seller.ErrorAsync("/v2/payments?cursor=nonsense!", HttpStatusCode.BadRequest));
        await seller.Sandbox.ControlAsync("/control/square/cursors", new { lifetime_seconds = 0 });
        Assert.Equal("INVALID_CURSOR", await seller.ErrorAsync($"/v2/payments?limit=5&cursor={cursor}", HttpStatusCode.BadRequest));
    }

    [Theory]
    [InlineData("/v2/payments?nonsense=1", "UNKNOWN_QUERY_PARAMETER")]
    [InlineData("/v2/payouts?updated_at_begin_time=2026-01-01T00:00:00Z", "UNKNOWN_QUERY_PARAMETER")]
    [InlineData("/v2/disputes?limit=5", "UNKNOWN_QUERY_PARAMETER")]
    [InlineData("/v2/payments?begin_time=yesterday", "INVALID_TIME")]
    [InlineData("/v2/payments?begin_time=2026-02-01T00:00:00Z&end_time=2026-01-01T00:00:00Z", "INVALID_TIME_RANGE")]
    [InlineData("/v2/payments?sort_order=UP", "INVALID_SORT_ORDER")]
    [InlineData("/v2/refunds?sort_field=AMOUNT", "INVALID_ENUM_VALUE")]
    [InlineData("/v2/payouts?status=GONE", "INVALID_ENUM_VALUE")]
    [InlineData("/v2/disputes?states=OPEN", "INVALID_ENUM_VALUE")]
    [InlineData("/v2/payments?limit=many", "EXPECTED_INTEGER")]
    [InlineData("/v2/payments?limit=0", "VALUE_TOO_LOW")]
    [InlineData("/v2/payments?location_id=Lnowhere", "INVALID_VALUE")]
    public async Task A_parameter_that_is_wrong_is_refused_by_its_code(string path, string code)
    {
        await using var seller = await SquareSeller.StartAsync(20);
        Assert.Equal(code, await seller.ErrorAsync(path, HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task An_empty_page_has_no_array_and_what_is_not_there_is_not_found()
    {
        await using var seller = await SquareSeller.StartAsync(20);
        Assert.Equal("{}", (await seller.GetAsync("/v2/payments?begin_time=2031-01-01T00:00:00Z")).ToJsonString());
        Assert.Equal("NOT_FOUND", await seller.ErrorAsync("/v2/payouts/po_x/payout-entries", HttpStatusCode.NotFound));
        Assert.Equal("NOT_FOUND", await seller.ErrorAsync("/v2/payments/x", HttpStatusCode.NotFound));
        Assert.Equal(3, (await seller.GetAsync("/v2/bank-accounts"))["bank_accounts"]!.AsArray().Count);
        var payment = (await seller.ListAsync("/v2/payments", "payments"))[0];
        Assert.True(JsonNode.DeepEquals(payment, (await seller.GetAsync($"/v2/payments/{payment["id"]}"))["payment"]));
    }

    [Fact]
    public async Task Rows_have_only_fields_that_Squares_description_has()
    {
        var file = Description();
        Assert.SkipWhen(file is null, "../shared/specs/square is not beside this checkout.");
        var schemas = JsonNode.Parse(await File.ReadAllTextAsync(file!, TestContext.Current.CancellationToken))!["components"]!["schemas"]!;
        await using var seller = await SquareSeller.StartAsync(600);
        foreach (var kind in new[] { "payment", "refund", "payout", "dispute" }) await seller.AdvanceAsync(kind);
        var books = await seller.BooksAsync();
        foreach (var (name, schema) in new[] { ("locations", "Location"), ("payments", "Payment"), ("refunds", "PaymentRefund"), ("payouts", "Payout"), ("payout_entries", "PayoutEntry"), ("disputes", "Dispute") })
        {
            var known = schemas[schema]!["properties"]!.AsObject().Select(field => field.Key).ToHashSet();
            // An entry of a returned payout has no details of its own in the description.
            Assert.All(Rows(books, name), row => Assert.Subset(known, row.AsObject().Select(field => field.Key).ToHashSet()));
        }
    }

    private static string? Description()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "shared", "specs", "square", "api.finance.json") is var file && File.Exists(file)) return file;
        return null;
    }

    private static IReadOnlyList<JsonNode> Rows(JsonNode books, string name) => [.. books[name]!.AsArray().OfType<JsonNode>()];

    private static string Id(JsonNode row) => (string)row["id"]!;

    private static long Amount(JsonNode row, string field) => (long)row[field]!["amount"]!;
}
