using System.Text.Json.Nodes;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.Writes;

/// <summary>What a user changes at the provider: done once, and told truly.</summary>
public sealed class WriteTests(SharedCluster cluster) : ProductTest(cluster)
{
    [Fact]
    public async Task A_payout_is_made_once_per_idempotency_key_and_shows_in_the_list_of_payouts()
    {
        var (user, id, account) = await ConnectedAsync();
        var wish = new { amount = "12.34", currency = "gbp", description = "Rent" };
        var made = (await user.OrderAsync(id, "payouts", wish, "rent-november", Cancel)).MustBeOk("payout").Json!;
        Assert.Equal(("succeeded", "create_payout"), ((string?)made["status"], (string?)made["kind"]));
        var again = (await user.OrderAsync(id, "payouts", wish, "rent-november", Cancel)).MustBeOk("again").Json!;
        Assert.Equal((string?)made["operation_id"], (string?)again["operation_id"]);
        var other = await user.OrderAsync(id, "payouts", new { amount = "12.35", currency = "gbp" }, "rent-november", Cancel);
        Assert.Equal((409, "idempotency_key_reused"), ((int)other.Status, other.Code));

        var payout = Assert.Single(await MadeAsync(account, made));
        Assert.Equal((1234, "gbp", (string?)made["external_id"]), ((int)payout["amount"]!, (string?)payout["currency"], (string?)payout["id"]));
        await Eventually.HoldsAsync("the payout is listed", async () => (await user.ListAsync($"/{id}/payouts", cancel: Cancel))
            .SingleOrDefault(row => (string?)row["id"] == (string?)made["external_id"]), row => (string?)row?["amount"] == "12.34", cancel: Cancel);
        await Eventually.HoldsAsync("no run is open", async () => (await user.GetAsync($"/{id}/status", Cancel)).Json!["current_run"], run => run is null, cancel: Cancel);
        Assert.Equal("succeeded", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
        await AgreesWithBooksAsync(user, id, account);

        var cancelled = (await user.OrderAsync(id, $"payouts/{made["external_id"]}/cancel", cancel: Cancel)).MustBeOk("cancel").Json!;
        Assert.Equal(("succeeded", "canceled"), ((string?)cancelled["status"], (string?)cancelled["provider_status"]));
        Assert.Equal(2, (await user.ListAsync($"/{id}/operations", cancel: Cancel)).Count);

        Assert.Equal(System.Net.HttpStatusCode.Forbidden, (await user.GetAsync("/audit-log", Cancel)).Status);
        var admin = NewUser(admin: true);
        var log = await admin.ListAsync($"/audit-log?integration={id}", cancel: Cancel);
        Assert.Equal(["write_succeeded", "write_ordered", "write_succeeded", "write_ordered", "connected", "integration_created"], log.Select(entry => (string)entry["action"]!));
        Assert.NotEqual("system", (string?)log[1]["actor"]);
        Assert.True((bool)(await admin.GetAsync($"/audit-log/verification?integration={id}", Cancel)).MustBeOk("verification").Json!["intact"]!);
    }

    [Fact]
    public async Task That_a_payout_ordered_here_did_not_arrive_is_told_with_the_event_and_waits_for_no_sync()
    {
        var (user, id, account) = await ConnectedAsync();
        var payout = (string)(await user.OrderAsync(id, "payouts", new { amount = "3.21", currency = "GBP" }, cancel: Cancel)).MustBeOk("payout")["external_id"]!;
        await Eventually.HoldsAsync("no run is open", async () => (await user.GetAsync($"/{id}/status", Cancel)).Json!["current_run"], run => run is null, cancel: Cancel);
        var runs = await RunsAsync();
        await SendEventAsync(account, (await Sandbox.AdvanceAsync(account, "payout_failed", id: payout, cancel: Cancel)).EventIds[^1]);
        var item = Assert.Single(await Eventually.HoldsAsync("a person is told", () => user.AttentionAsync(id, cancel: Cancel), items => items.Count > 0, cancel: Cancel));
        Assert.Equal("payout_failed", (string?)item["kind"]);
        Assert.Contains($"{payout} of 3.21 GBP", (string)item["what_happened"]!, StringComparison.Ordinal);
        Assert.Equal(runs, await RunsAsync());

        Task<long> RunsAsync() => Product.ScalarAsync<long>("select count(*) from sync_runs where integration_id = $1", Cancel, Guid.Parse(id));
    }

    [Theory]
    [InlineData("status", 0)]
    [InlineData("hang", 0)]
    [InlineData("malformed", 0)]
    [InlineData("lost", 1)]
    [InlineData("cut", 1)]
    [InlineData("truncated", 1)]
    public async Task A_payout_whose_answer_does_not_come_is_looked_up_and_made_at_most_once(string kind, int made)
    {
        var (user, id, account) = await ConnectedAsync();
        ApiAnswer answer;
        await using (await Sandbox.FaultAsync(new { kind, path = "/v1/payouts", method = "POST" }, Cancel))
            answer = (await user.OrderAsync(id, "payouts", new { amount = "1.00", currency = "GBP" }, cancel: Cancel)).MustBeOk(kind);

        var operation = answer.Json!;
        Assert.True((made == 1 ? "succeeded" : "failed") == (string?)operation["status"], operation.ToJsonString());
        Assert.Equal(made, (await MadeAsync(account, operation)).Count);
        if (made == 0) Assert.Equal("not_executed", (string?)operation["error_code"]);
        Assert.Empty(await user.AttentionAsync(id, cancel: Cancel));
    }

    [Fact]
    public async Task A_payout_that_cannot_be_looked_up_asks_a_person_who_can_have_it_looked_up_again()
    {
        var (user, id, account) = await ConnectedAsync();
        await using var lost = await Sandbox.FaultAsync(new { kind = "lost", path = "/v1/payouts", method = "POST", times = 1 }, Cancel);
        await using var down = await Sandbox.FaultAsync(new { kind = "status", status = 503, path = "/v1/payouts", method = "GET", times = -1 }, Cancel);
        var ordered = await user.SendAsync(HttpMethod.Post, $"/{id}/payouts", new { amount = "1.00", currency = "GBP" }, Cancel, ("Idempotency-Key", "k"));
        Assert.Equal(202, (int)ordered.Status);
        var item = await Eventually.HoldsAsync("a person is asked",
            async () => (await user.ListAsync($"/attention?integration={id}&kind=outcome_unknown", cancel: Cancel)).SingleOrDefault(), seen => seen is not null,
            TimeSpan.FromMinutes(1), Cancel);
        Assert.Equal("outcome_unknown", (string?)(await OperationAsync(user, id, ordered))["status"]);

        await down.DisposeAsync();
        (await user.PostAsync($"/attention/{item!["id"]}/resolve", new { choice = "look_again" }, Cancel)).MustBeOk("resolve");
        var settled = await Eventually.HoldsAsync("the payout is found", () => OperationAsync(user, id, ordered), seen => seen["settled_at"] is not null, cancel: Cancel);
        Assert.Equal("succeeded", (string?)settled["status"]);
        Assert.Single(await MadeAsync(account, settled));
    }

    [Fact]
    public async Task A_dispute_is_answered_once_and_another_is_given_up()
    {
        var (user, id, account) = await ConnectedAsync();
        var disputes = (await user.ListAsync($"/{id}/disputes?status=needs_response", cancel: Cancel)).Select(row => (string)row["id"]!).ToList();
        if (disputes.Count < 2)
        {
            disputes = [.. (await Sandbox.AdvanceAsync(account, "dispute", 2, cancel: Cancel)).Ids];
            await user.SyncAsync(id, cancel: Cancel);
        }
        var evidence = new { explanation = "It was delivered.", shipping_tracking_number = "TR1" };
        await using (await Sandbox.FaultAsync(new { kind = "lost", path = $"/v1/disputes/{disputes[0]}", method = "POST" }, Cancel))
            Assert.Equal("succeeded", (string?)(await user.OrderAsync(id, $"disputes/{disputes[0]}/evidence", evidence, cancel: Cancel)).MustBeOk("evidence").Json!["status"]);
        var accepted = (await user.OrderAsync(id, $"disputes/{disputes[1]}/accept", cancel: Cancel)).MustBeOk("accept").Json!;
        Assert.Equal(("succeeded", "lost"), ((string?)accepted["status"], (string?)accepted["provider_status"]));

        var books = await Sandbox.BooksAsync(account, Cancel);
        var answered = books.Rows("disputes").Single(row => (string?)row["id"] == disputes[0]);
        Assert.Equal(1, (int)answered["evidence_details"]!["submission_count"]!);
        await Eventually.HoldsAsync("both are listed as they stand", async () => (await user.ListAsync($"/{id}/disputes", cancel: Cancel))
            .Where(row => disputes.Contains((string)row["id"]!)).Select(row => (string?)row["status"]).Order().ToList(),
            seen => seen.Contains("lost") && !seen.Contains("needs_response"), TimeSpan.FromMinutes(1), Cancel);
    }

    [Fact]
    public async Task Bad_orders_are_refused_with_their_reason_and_nothing_is_sent()
    {
        var (user, id, account) = await ConnectedAsync();
        var since = await Sandbox.LastSequenceAsync(Cancel);
        var good = new { amount = "1.00", currency = "GBP" };
        Assert.Equal((400, "validation_failed"), Seen(await user.PostAsync($"/{id}/payouts", good, Cancel)));   // no Idempotency-Key
        foreach (var bad in new object[]
        {
            new { amount = "0", currency = "GBP" }, new { amount = "-1", currency = "GBP" }, new { amount = "1.001", currency = "GBP" },
            new { amount = "1.5", currency = "JPY" }, new { amount = "1", currency = "XXX" }, new { currency = "GBP" }, new { amount = 1.5, currency = "GBP" },
            new { amount = "1", currency = "GBP", method = "carrier pigeon" }, new { amount = "99999999999999", currency = "GBP" },
            new { amount = "1", currency = "HRK" }, new { amount = "1", currency = "GBP", description = "a\0" }, new { amount = "1", currency = "GBP", destination_id = "ba\0" },
        })
            Assert.Equal(400, (int)(await user.OrderAsync(id, "payouts", bad, cancel: Cancel)).Status);
        Assert.Equal(400, (int)(await user.OrderAsync(id, "disputes/dp_1/evidence", new { }, cancel: Cancel)).Status);
        var reader = Keep(Product.User("nobody-special"));
        Assert.Contains((int)(await reader.OrderAsync(id, "payouts", good, cancel: Cancel)).Status, new[] { 403, 404 });
        Assert.Equal(404, (int)(await NewUser(writer: true).OrderAsync(id, "payouts", good, cancel: Cancel)).Status);
        Assert.DoesNotContain(await Sandbox.RequestsAsync(account, since, Cancel), request => request.Method == "POST");

        var refused = (await user.OrderAsync(id, "payouts", new { amount = "900000000", currency = "GBP" }, cancel: Cancel)).MustBeOk("too much").Json!;
        Assert.Equal(("failed", "balance_insufficient"), ((string?)refused["status"], (string?)refused["error_code"]));
    }

    [Fact]
    public async Task The_api_document_names_the_headers_that_an_order_needs()
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var document = JsonNode.Parse(await http.GetStringAsync(new Uri(Product.Processes.ApiUrl + "/openapi/v1.json"), Cancel))!;
        Assert.Equal(["Idempotency-Key required", "Prefer"], Headers("/payouts"));
        Assert.Equal(["Idempotency-Key required", "If-Match", "Prefer"], Headers("/disputes/{dispute}/evidence"));

        IEnumerable<string> Headers(string path) =>
            from parameter in document["paths"]!["/api/integrations/{id}" + path]!["post"]!["parameters"]!.AsArray()
            where (string?)parameter!["in"] == "header"
            orderby (string?)parameter["name"]
            select (string?)parameter["name"] + ((bool?)parameter["required"] == true ? " required" : "");
    }

    private async Task<(ApiUser User, string Id, string Account)> ConnectedAsync()
    {
        var account = await Sandbox.NewAccountWithMoneyAsync(100, 20_00, Cancel);
        var user = NewUser(writer: true);
        return (user, await user.ConnectedAsync(account, cancel: Cancel), account);
    }

    private static (int, string?) Seen(ApiAnswer answer) => ((int)answer.Status, answer.Code);

    private static async Task<JsonNode> OperationAsync(ApiUser user, string id, ApiAnswer ordered) =>
        (await user.GetAsync($"/{id}/operations/{ordered["operation_id"]}", Cancel)).MustBeOk("operation").Json!;

    /// <summary>The provider's payouts that carry the operation's reference.</summary>
    private async Task<List<JsonNode>> MadeAsync(string account, JsonNode operation) => [.. (await Sandbox.BooksAsync(account, Cancel)).Rows("payouts")
        .Where(row => (string?)row["metadata"]?["fi_reference"] == (string?)operation["reference"])];
}
