using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.PayPal;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests;

/// <summary>The simulated PayPal, held against what PayPal's documentation says of the real one.</summary>
public sealed class PayPalTests : IAsyncLifetime
{
    private const string Dates = "start_date=2026-06-01T00:00:00Z&end_date=2026-06-17T14:00:00Z";

    private RunningSandbox _sandbox = null!;
    private string _account = "";
    private string _token = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_token_comes_again_with_fewer_seconds_and_no_refresh_token()
    {
        var (status, first) = await TokenAsync("paypal-sandbox-secret");
        Assert.Equal(HttpStatusCode.OK, status);
        var (_, second) = await TokenAsync("paypal-sandbox-secret");
        Assert.Equal((string)first["access_token"]!, (string)second["access_token"]!);
        Assert.True((long)second["expires_in"]! <= (long)first["expires_in"]!);
        Assert.InRange((long)second["expires_in"]!, 32_000, 32_400);
        Assert.Null(first["refresh_token"]);
        var (refused, body) = await TokenAsync("wrong");
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (refused, (string)body["error"]!));
    }

    [Fact]
    public async Task A_dead_token_and_a_missing_permission_are_refused_as_PayPal_does()
    {
        var dead = await SendAsync("/v1/reporting/balances", token: "A21AAdead");
        Assert.Equal((HttpStatusCode.Unauthorized, "invalid_token"), (dead.Status, (string)dead.Body["error"]!));
        await _sandbox.ControlAsync($"/control/paypal/accounts/{_account}/revoke", new { });
        var denied = await SendAsync("/v1/reporting/balances");
        Assert.Equal((HttpStatusCode.Forbidden, "NOT_AUTHORIZED"), (denied.Status, (string)denied.Body["name"]!));
        Assert.NotNull(denied.Body["debug_id"]);
        await _sandbox.ControlAsync($"/control/paypal/accounts/{_account}/connect", new { });
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("/v1/reporting/balances")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("/v1/reporting/balances", assertion: "odd")).Status);
    }

    [Fact]
    public async Task Too_many_calls_of_one_account_are_told_so_and_cost_no_other_account()
    {
        await using var slow = await RunningSandbox.StartAsync("--Sandbox:PayPal:RequestsPerSecond=2");
        var account = (string)(await slow.ControlAsync("/control/paypal/accounts"))[1]!["id"]!;
        var own = (string)(await slow.ControlAsync("/control/paypal/accounts"))[0]!["id"]!;
        await slow.ControlAsync($"/control/paypal/accounts/{account}/connect", new { });
        var token = (string)(await TokenAsync("paypal-sandbox-secret", slow)).Body["access_token"]!;
        var answers = new List<(HttpStatusCode Status, JsonNode Body)>();
        for (var n = 0; n < 20; n++) answers.Add(await SendAsync("/v1/reporting/balances", slow, account, token));
        var refused = answers.Find(one => one.Status == HttpStatusCode.TooManyRequests);
        Assert.Equal("RATE_LIMIT_REACHED", (string?)refused.Body?["name"]);
        Assert.Equal(HttpStatusCode.OK, answers[0].Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("/v1/reporting/balances", slow, own, token)).Status);
    }

    [Theory]
    [InlineData("start_date=2026-05-01T00:00:00Z&end_date=2026-06-17T00:00:00Z", "INVALID_REQUEST")]
    [InlineData("start_date=2026-06-01&end_date=2026-06-17T00:00:00Z", "INVALID_REQUEST")]
    [InlineData("end_date=2026-06-17T00:00:00Z", "INVALID_REQUEST")]
    [InlineData("start_date=2020-06-01T00:00:00Z&end_date=2020-06-02T00:00:00Z", "INVALID_REQUEST")]
    [InlineData("start_date=2096-06-01T00:00:00Z&end_date=2096-06-02T00:00:00Z", "INVALID_REQUEST")]
    [InlineData(Dates + "&page_size=501", "INVALID_REQUEST")]
    [InlineData(Dates + "&page=0", "INVALID_REQUEST")]
    public async Task A_query_that_PayPal_would_not_take_is_refused(string query, string name)
    {
        var (status, body) = await SendAsync("/v1/reporting/transactions?" + query);
        Assert.Equal((HttpStatusCode.BadRequest, name), (status, (string)body["name"]!));
        Assert.NotEmpty(body["details"]!.AsArray());
    }

    [Fact]
    public async Task More_rows_than_the_most_give_no_row_at_all()
    {
        await using var small = await RunningSandbox.StartAsync("--Sandbox:PayPal:MaxRows=3");
        var account = (string)(await small.ControlAsync("/control/paypal/accounts"))[1]!["id"]!;
        await small.ControlAsync($"/control/paypal/accounts/{account}/connect", new { });
        var (_, token) = await TokenAsync("paypal-sandbox-secret", small);
        var (status, body) = await SendAsync("/v1/reporting/transactions?" + Dates, sandbox: small, account: account, token: (string)token["access_token"]!);
        Assert.Equal((HttpStatusCode.BadRequest, "RESULTSET_TOO_LARGE"), (status, (string)body["name"]!));
    }

    [Fact]
    public async Task The_balance_is_the_sum_of_what_has_settled_and_every_row_fits_PayPals_description()
    {
        using var description = Description("paypal/reporting_transactions_v1.json");
        var schema = description.RootElement.GetProperty("components").GetProperty("schemas").GetProperty("transaction_info").GetProperty("properties");
        var books = await _sandbox.ControlAsync($"/control/paypal/accounts/{_account}/books");
        var rows = books["transactions"]!.AsArray().Select(row => row!["transaction_info"]!.AsObject()).ToList();
        Assert.Equal(600, rows.Count);
        Assert.All(rows.SelectMany(row => row), field => Assert.True(schema.TryGetProperty(field.Key, out _), field.Key));
        Assert.All(rows, row => Assert.Matches("^[a-zA-Z0-9]{17}$", (string)row["transaction_id"]!));
        foreach (var total in books["balances"]!.AsArray())
        {
            var sum = rows.Where(row => (string)row["transaction_status"]! == "S" && (string)row["transaction_amount"]!["currency_code"]! == (string)total!["currency"]!)
                .Sum(row => Value(row["transaction_amount"]) + (row["fee_amount"] is { } fee ? Value(fee) : 0));
            Assert.Equal(sum, decimal.Parse((string)total!["total"]!, System.Globalization.CultureInfo.InvariantCulture));
        }
        Assert.Superset(new HashSet<string> { "T0006", "T0400", "T1107", "T0106" }, rows.Select(row => (string)row["transaction_event_code"]!).ToHashSet());
        Assert.All(rows.Where(row => row["fee_amount"] is not null), row => Assert.True(Value(row["fee_amount"]) < 0));
    }

    [Fact]
    public async Task The_same_seed_writes_the_same_books_and_another_seed_others()
    {
        await using var twin = await RunningSandbox.StartAsync();
        await using var other = await RunningSandbox.StartAsync("--Sandbox:Seed=7");
        var mine = (await _sandbox.ControlAsync($"/control/paypal/accounts/{_account}/books"))["transactions"]!.ToJsonString();
        Assert.Equal(mine, (await twin.ControlAsync($"/control/paypal/accounts/{_account}/books"))["transactions"]!.ToJsonString());
        var foreign = (string)(await other.ControlAsync("/control/paypal/accounts"))[1]!["id"]!;
        Assert.NotEqual(_account, foreign);
        Assert.NotEqual(mine, (await other.ControlAsync($"/control/paypal/accounts/{foreign}/books"))["transactions"]!.ToJsonString());
    }

    [Fact]
    public async Task Disputes_page_by_token_and_each_has_its_payment()
    {
        await _sandbox.ControlAsync($"/control/paypal/accounts/{_account}/advance", new { kind = "dispute", count = 5 });
        List<string> ids = [];
        for (var query = "?page_size=2"; query is not null;)
        {
            var (_, page) = await SendAsync("/v1/customer/disputes" + query);
            ids.AddRange(page["items"]!.AsArray().Select(item => (string)item!["dispute_id"]!));
            query = (string?)page["links"]!.AsArray().FirstOrDefault(link => (string?)link!["rel"] == "next")?["href"] is { } next ? new Uri(next).Query : null;
        }
        var books = await _sandbox.ControlAsync($"/control/paypal/accounts/{_account}/books");
        Assert.Equal(books["disputes"]!.AsArray().Select(one => (string)one!["dispute_id"]!).Order(StringComparer.Ordinal), ids.Order(StringComparer.Ordinal));
        var (_, detail) = await SendAsync($"/v1/customer/disputes/{ids[0]}");
        Assert.NotNull(detail["disputed_transactions"]![0]!["seller_transaction_id"]);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("/v1/customer/disputes/PP-none")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync("/v1/customer/disputes?page_size=51")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync("/v1/customer/disputes?update_time_after=2020-01-01T00:00:00.000Z")).Status);
    }

    [Fact]
    public async Task A_batch_of_payouts_is_made_once_however_often_it_is_sent()
    {
        var order = Batch("b-1", ("jane@example.com", "10.00"), ("unclaimed@example.com", "5.50"), ("fail@example.com", "1.00"));
        var before = await BalanceAsync();
        var first = await PostAsync("/v1/payments/payouts", order, "r-1");
        Assert.Equal((HttpStatusCode.Created, "PENDING"), (first.Status, (string)first.Body["batch_header"]!["batch_status"]!));
        var again = await PostAsync("/v1/payments/payouts", order, "r-1");
        Assert.Equal(first.Body.ToJsonString(), again.Body.ToJsonString());
        var other = await PostAsync("/v1/payments/payouts", order, "r-2");
        Assert.Equal((HttpStatusCode.BadRequest, "USER_BUSINESS_ERROR"), (other.Status, (string)other.Body["name"]!));

        var id = (string)first.Body["batch_header"]!["payout_batch_id"]!;
        Assert.EndsWith("/v1/payments/payouts/" + id, (string?)other.Body["links"]![0]!["href"], StringComparison.Ordinal);
        var (_, batch) = await SendAsync($"/v1/payments/payouts/{id}");
        var items = batch["items"]!.AsArray();
        Assert.Equal(["SUCCESS", "UNCLAIMED", "FAILED"], items.Select(item => (string)item!["transaction_status"]!));
        Assert.Equal("SUCCESS", (string)batch["batch_header"]!["batch_status"]!);
        Assert.Equal(before - 10.00m - 5.50m - 0.50m, await BalanceAsync());

        var unclaimed = (string)items[1]!["payout_item_id"]!;
        Assert.Equal("RETURNED", (string)(await PostAsync($"/v1/payments/payouts-item/{unclaimed}/cancel", new JsonObject())).Body["transaction_status"]!);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync($"/v1/payments/payouts-item/{unclaimed}/cancel", new JsonObject())).Status);
        Assert.Equal("RETURNED", (string)(await SendAsync($"/v1/payments/payouts-item/{unclaimed}")).Body["transaction_status"]!);
        Assert.Equal(before - 10.00m - 0.50m, await BalanceAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync("/v1/payments/payouts/none")).Status);
    }

    [Fact]
    public async Task What_was_told_of_batches_is_listed_newest_first_whoever_was_paid()
    {
        foreach (var name in new[] { "b-1", "b-2", "b-3" }) await PostAsync("/v1/payments/payouts", Batch(name, ("jane@example.com", "1.00")));
        const string List = "/v1/notifications/webhooks-events?event_type=PAYMENT.PAYOUTSBATCH.SUCCESS&page_size=2";
        var (_, first) = await SendAsync(List);
        Assert.Equal(["b-3", "b-2"], first["events"]!.AsArray().Select(one => (string)one!["resource"]!["batch_header"]!["sender_batch_header"]!["sender_batch_id"]!));
        var next = new Uri((string)first["links"]!.AsArray().Single(link => (string?)link!["rel"] == "next")!["href"]!);
        var (_, second) = await SendAsync(next.PathAndQuery);
        Assert.Equal("b-1", (string?)second["events"]!.AsArray().Single()!["resource"]!["batch_header"]!["sender_batch_header"]!["sender_batch_id"]);
        Assert.Empty((await SendAsync(List + "&end_time=2026-01-01T00:00:00Z")).Body["events"]!.AsArray());
    }

    [Fact]
    public async Task Evidence_is_taken_while_PayPal_waits_for_the_seller_and_its_files_are_those_it_names()
    {
        var dispute = (string)(await _sandbox.ControlAsync($"/control/paypal/accounts/{_account}/advance", new { kind = "dispute" }))["ids"]![0]!;
        const string Named = """{"evidences":[{"evidence_type":"OTHER","notes":"It was delivered.","documents":[{"name":"proof.pdf"}]}]}""";
        Assert.Equal((HttpStatusCode.BadRequest, "INVALID_REQUEST"), await HandAsync(Named, "r-0"));
        Assert.Equal((HttpStatusCode.BadRequest, "INVALID_REQUEST"), await HandAsync(Named, "r-0", "other.pdf"));
        Assert.Equal((HttpStatusCode.BadRequest, "INVALID_REQUEST"), await HandAsync("""{"evidences":[{"evidence_type":"GOSSIP","notes":"a"}]}""", "r-0"));
        Assert.Equal((HttpStatusCode.OK, null), await HandAsync(Named, "r-1", "proof.pdf"));
        Assert.Equal((HttpStatusCode.OK, null), await HandAsync(Named, "r-1", "proof.pdf"));   // the same again
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "UNPROCESSABLE_ENTITY"), await HandAsync(Named, "r-2", "proof.pdf"));
        var (_, seen) = await SendAsync($"/v1/customer/disputes/{dispute}");
        Assert.Equal(("UNDER_REVIEW", 1, "SUBMITTED_BY_SELLER"), ((string?)seen["status"], seen["evidences"]!.AsArray().Count, (string?)seen["evidences"]![0]!["source"]));

        var accept = $"/v1/customer/disputes/{dispute}/accept-claim";
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(accept, "{}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(accept, """{"note":"n","accept_claim_type":"REFUND"}""")).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PostAsync(accept, """{"note":"n"}""")).Status);
        Assert.Equal("RESOLVED_BUYER_FAVOUR", (string?)(await SendAsync($"/v1/customer/disputes/{dispute}")).Body["dispute_outcome"]!["outcome_code"]);

        async Task<(HttpStatusCode, string?)> HandAsync(string input, string key, string? file = null)
        {
            using var form = new MultipartFormDataContent { { new StringContent(input, Encoding.UTF8, "application/json"), "input" } };
            if (file is not null) form.Add(new ByteArrayContent("%PDF-1.7"u8.ToArray()), "evidence-file", file);
            var request = new HttpRequestMessage(HttpMethod.Post, $"{_sandbox.Url}/paypal/v1/customer/disputes/{dispute}/provide-evidence") { Content = form };
            request.Headers.Add("PayPal-Request-Id", key);
            var (status, body) = await CallAsync(request, _sandbox, _account, _token, null);
            return (status, (string?)body["name"]);
        }
    }

    [Fact]
    public async Task More_than_the_account_holds_is_not_paid()
    {
        var before = await BalanceAsync();
        var (status, body) = await PostAsync("/v1/payments/payouts", Batch("b-9", ("jane@example.com", "9000000.00")));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "INSUFFICIENT_FUNDS"), (status, (string?)body["name"]));
        Assert.Equal(before, await BalanceAsync());
    }

    [Theory]
    [InlineData("""{"sender_batch_header":{},"items":[{"receiver":"a@b.c","amount":{"currency":"GBP","value":"1"}}]}""", "VALIDATION_ERROR")]
    [InlineData("""{"sender_batch_header":{"sender_batch_id":"x"},"items":[]}""", "VALIDATION_ERROR")]
    [InlineData("""{"sender_batch_header":{"sender_batch_id":"x"},"items":[{"receiver":"a@b.c","amount":{"currency":"JPY","value":"1.5"}}]}""", "VALIDATION_ERROR")]
    [InlineData("""{"sender_batch_header":{"sender_batch_id":"x"},"items":[{"receiver":"a@b.c","amount":{"currency":"GBP","value":"-1"}}]}""", "VALIDATION_ERROR")]
    [InlineData("""{"sender_batch_header":""", "INVALID_REQUEST")]
    public async Task A_batch_that_is_wrong_is_refused_and_moves_nothing(string body, string name)
    {
        var before = await BalanceAsync();
        var (status, answer) = await PostAsync("/v1/payments/payouts", body);
        Assert.Equal((HttpStatusCode.BadRequest, name), (status, (string)answer["name"]!));
        Assert.Equal(before, await BalanceAsync());
    }

    [Theory]
    [InlineData("test_string", 157791623u)]
    [InlineData("123456789", 3421780262u)]
    public void A_checksum_is_the_published_one(string text, uint expected) => Assert.Equal(expected, PayPalSigning.Crc32(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public async Task An_event_is_signed_by_a_chain_that_leads_to_the_root_and_PayPals_own_check_agrees()
    {
        await using var receiver = await WebhookReceiver.StartAsync(header: "PAYPAL-TRANSMISSION-SIG", also: ["PAYPAL-TRANSMISSION-ID", "PAYPAL-TRANSMISSION-TIME", "PAYPAL-CERT-URL"]);
        var change = await _sandbox.ControlAsync($"/control/paypal/accounts/{_account}/advance", new { kind = "sale" });
        var eventId = (string)change["event_ids"]![0]!;
        await _sandbox.ControlAsync("/control/paypal/webhooks", new { url = receiver.Url, webhook_id = "8PT597110X687430L", account = _account, event_id = eventId });
        var (body, joined) = await receiver.NextAsync();
        var headers = joined.Split('\n');
        Assert.Equal(eventId, (string)JsonNode.Parse(body)!["id"]!);

        var url = new Uri(headers[3]);
        Assert.Equal("https", url.Scheme);
        using var pem = await _sandbox.Client.GetAsync(new Uri($"{_sandbox.Url}/paypal{url.AbsolutePath}"), Cancel);
        var sent = new X509Certificate2Collection();
        sent.ImportFromPem(await pem.Content.ReadAsStringAsync(Cancel));
        using var rootAnswer = await _sandbox.Client.GetAsync(new Uri(_sandbox.Url + "/control/paypal/root"), Cancel);
        using var root = X509Certificate2.CreateFromPem(await rootAnswer.Content.ReadAsStringAsync(Cancel));
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.ExtraStore.Add(sent[1]);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        Assert.True(chain.Build(sent[0]));
        var message = $"{headers[1]}|{headers[2]}|8PT597110X687430L|{PayPalSigning.Crc32(Encoding.UTF8.GetBytes(body))}";
        Assert.True(sent[0].GetRSAPublicKey()!.VerifyData(Encoding.UTF8.GetBytes(message), Convert.FromBase64String(headers[0]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

        foreach (var (id, verdict) in new[] { ("8PT597110X687430L", "SUCCESS"), ("another", "FAILURE") })
        {
            var question = $$"""{"auth_algo":"SHA256withRSA","cert_url":"{{headers[3]}}","transmission_id":"{{headers[1]}}","transmission_sig":"{{headers[0]}}","transmission_time":"{{headers[2]}}","webhook_id":"{{id}}","webhook_event":{{body}}}""";
            Assert.Equal(verdict, (string)(await PostAsync("/v1/notifications/verify-webhook-signature", question)).Body["verification_status"]!);
        }
    }

    public async ValueTask InitializeAsync()
    {
        _sandbox = await RunningSandbox.StartAsync();
        _account = (string)(await _sandbox.ControlAsync("/control/paypal/accounts"))[1]!["id"]!;
        await _sandbox.ControlAsync($"/control/paypal/accounts/{_account}/connect", new { });
        _token = (string)(await TokenAsync("paypal-sandbox-secret")).Body["access_token"]!;
    }

    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();

    private static decimal Value(JsonNode? money) => decimal.Parse((string)money!["value"]!, System.Globalization.CultureInfo.InvariantCulture);

    private async Task<decimal> BalanceAsync() => Value((await SendAsync("/v1/reporting/balances?currency_code=GBP")).Body["balances"]![0]!["total_balance"]);

    private static string Batch(string id, params (string Receiver, string Value)[] items) => new JsonObject
    {
        ["sender_batch_header"] = new JsonObject { ["sender_batch_id"] = id, ["email_subject"] = "You have a payout" },
        ["items"] = new JsonArray([.. items.Select(item => new JsonObject
        {
            ["recipient_type"] = "EMAIL",
            ["receiver"] = item.Receiver,
            ["amount"] = new JsonObject { ["currency"] = "GBP", ["value"] = item.Value },
        })]),
    }.ToJsonString();

    private async Task<(HttpStatusCode Status, JsonNode Body)> TokenAsync(string secret, RunningSandbox? sandbox = null)
    {
        var at = sandbox ?? _sandbox;
        using var request = new HttpRequestMessage(HttpMethod.Post, at.Url + "/paypal/v1/oauth2/token") { Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("paypal-sandbox:" + secret)));
        using var answer = await at.Client.SendAsync(request, Cancel);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!);
    }

    private Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(
        string path, RunningSandbox? sandbox = null, string? account = null, string? token = null, string? assertion = null) =>
        CallAsync(new(HttpMethod.Get, (sandbox ?? _sandbox).Url + "/paypal" + path), sandbox ?? _sandbox, account ?? _account, token ?? _token, assertion);

    private Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(string path, object body, string? requestId = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _sandbox.Url + "/paypal" + path) { Content = new StringContent(body.ToString()!, Encoding.UTF8, "application/json") };
        if (requestId is not null) request.Headers.Add("PayPal-Request-Id", requestId);
        return CallAsync(request, _sandbox, _account, _token, null);
    }

    private static async Task<(HttpStatusCode Status, JsonNode Body)> CallAsync(HttpRequestMessage request, RunningSandbox sandbox, string account, string token, string? assertion)
    {
        using var sent = request;
        sent.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        sent.Headers.Add("PayPal-Auth-Assertion", assertion
            ?? $"{Base64(new JsonObject { ["alg"] = "none" })}.{Base64(new JsonObject { ["iss"] = "paypal-sandbox", ["payer_id"] = account })}.");
        using var answer = await sandbox.Client.SendAsync(sent, Cancel);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!);

        static string Base64(JsonObject part) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
    }

    private static JsonDocument Description(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "shared", "specs", path) is var file && File.Exists(file))
                return JsonDocument.Parse(File.ReadAllBytes(file));
        Assert.Skip($"../shared/specs/{path} is not beside this checkout.");
        return null!;
    }
}
