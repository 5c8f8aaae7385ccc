using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests;

public sealed class PayPalRestartTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restarted_sandbox_knows_payouts_answers_and_permissions_and_answers_the_same_ids()
    {
        var folder = Directory.CreateTempSubdirectory("sandbox").FullName;
        string[] settings = [$"--Sandbox:DataFolder={folder}", "--Sandbox:Anchor=", "--Sandbox:Stripe:Transactions=20", "--Sandbox:PayPal:Transactions=60"];
        string account, books, batch, seen;
        await using (var first = await RunningSandbox.StartAsync(settings))
        {
            account = (string)(await first.ControlAsync("/control/paypal/accounts"))[1]!["id"]!;
            await ControlAsync(first, "connect", new { });
            var made = await CallAsync(first, HttpMethod.Post, "/v1/payments/payouts", Batch("b-1", "unclaimed@example.com"));
            batch = (string)made["batch_header"]!["payout_batch_id"]!;
            await ControlAsync(first, "advance", new { kind = "sale" });
            var item = (await CallAsync(first, HttpMethod.Get, $"/v1/payments/payouts/{batch}"))["items"]![0]!["payout_item_id"]!;
            await CallAsync(first, HttpMethod.Post, $"/v1/payments/payouts-item/{item}/cancel", "{}");
            var pending = (await CallAsync(first, HttpMethod.Post, "/v1/payments/payouts", Batch("b-2", "pending@example.com")))["batch_header"]!["payout_batch_id"]!;
            await ControlAsync(first, $"payouts/{pending}", new { status = "FAILED" });
            await ControlAsync(first, "revoke", new { });
            await ControlAsync(first, "connect", new { });
            var dispute = (await ControlAsync(first, "advance", new { kind = "dispute" }))["ids"]![0]!;
            await CallAsync(first, HttpMethod.Post, $"/v1/customer/disputes/{dispute}/accept-claim", """{"note":"n"}""");
            await ControlAsync(first, "advance", new { kind = "withdrawal" });
            seen = (await CallAsync(first, HttpMethod.Get, $"/v1/payments/payouts/{batch}")).ToJsonString();
            books = await BooksAsync(first);
        }
        await using var second = await RunningSandbox.StartAsync(settings);
        Assert.Equal(books, await BooksAsync(second));
        Assert.Equal(seen, (await CallAsync(second, HttpMethod.Get, $"/v1/payments/payouts/{batch}")).ToJsonString());
        var again = await CallAsync(second, HttpMethod.Post, "/v1/payments/payouts", Batch("b-1", "unclaimed@example.com"));   // the same request id
        Assert.Equal(batch, (string?)again["batch_header"]!["payout_batch_id"]);
        Directory.Delete(folder, recursive: true);

        Task<JsonNode> ControlAsync(RunningSandbox sandbox, string action, object body) => sandbox.ControlAsync($"/control/paypal/accounts/{account}/{action}", body);

        async Task<string> BooksAsync(RunningSandbox sandbox) => (await sandbox.ControlAsync($"/control/paypal/accounts/{account}/books")).ToJsonString();

        async Task<JsonNode> CallAsync(RunningSandbox sandbox, HttpMethod method, string path, string? body = null)
        {
            using var ask = new HttpRequestMessage(HttpMethod.Post, sandbox.Url + "/paypal/v1/oauth2/token") { Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]) };
            ask.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("paypal-sandbox:paypal-sandbox-secret"u8));
            var token = await SendAsync(sandbox, ask);
            using var request = new HttpRequestMessage(method, sandbox.Url + "/paypal" + path);
            if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (string)token["access_token"]!);
            request.Headers.Add("PayPal-Request-Id", "r:" + body);
            request.Headers.Add("PayPal-Auth-Assertion", $"{Base64("""{"alg":"none"}""")}.{Base64($$"""{"iss":"paypal-sandbox","payer_id":"{{account}}"}""")}.");
            return await SendAsync(sandbox, request);
        }
    }

    private static async Task<JsonNode> SendAsync(RunningSandbox sandbox, HttpRequestMessage request)
    {
        using var answer = await sandbox.Client.SendAsync(request, Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created, $"{request.RequestUri}: {answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    private static string Base64(string part) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part));

    private static string Batch(string id, string receiver) =>
        $$$"""{"sender_batch_header":{"sender_batch_id":"{{{id}}}"},"items":[{"receiver":"{{{receiver}}}","recipient_type":"EMAIL","amount":{"currency":"GBP","value":"1.00"}}]}""";
}
