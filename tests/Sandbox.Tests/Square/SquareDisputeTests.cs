using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests.Square;

/// <summary>What a seller does about a dispute at the simulated Square.</summary>
public sealed class SquareDisputeTests
{
    [Fact]
    public async Task Evidence_is_uploaded_once_per_key_and_submitted_once_and_the_bank_decides_later()
    {
        await using var seller = await SquareSeller.StartAsync(40);
        var dispute = (await seller.AdvanceAsync("dispute"))[0];
        var token = await TokenAsync(seller);
        Assert.Equal((HttpStatusCode.BadRequest, "BAD_REQUEST"), await RefusedAsync("submit-evidence", new { }));   // there is none yet
        var text = new { idempotency_key = "k1", evidence_type = "TRACKING_NUMBER", evidence_text = "TR1" };
        var piece = await DoneAsync("evidence-text", text);
        Assert.Equal(piece.ToJsonString(), (await DoneAsync("evidence-text", text)).ToJsonString());
        Assert.Equal((HttpStatusCode.BadRequest, "IDEMPOTENCY_KEY_REUSED"), await RefusedAsync("evidence-text", text with { evidence_text = "TR2" }));
        Assert.Equal((HttpStatusCode.BadRequest, "INVALID_ENUM_VALUE"), await RefusedAsync("evidence-text", new { idempotency_key = "k2", evidence_type = "GOSSIP", evidence_text = "a" }));
        Assert.Equal((HttpStatusCode.BadRequest, "INVALID_VALUE"), await RefusedAsync("evidence-text", new { idempotency_key = "k2", evidence_type = "CARDHOLDER_COMMUNICATION", evidence_text = "a" }));
        Assert.Equal((HttpStatusCode.BadRequest, "VALUE_TOO_LONG"), await RefusedAsync("evidence-text", new { idempotency_key = "k2", evidence_text = new string('x', 501) }));
        Assert.Equal((HttpStatusCode.BadRequest, "MISSING_REQUIRED_PARAMETER"), await RefusedAsync("evidence-text", new { evidence_text = "a" }));
        Assert.Single(await seller.ListAsync($"/v2/disputes/{dispute}/evidence", "evidence"));
        Assert.Equal("TR1", (string?)(await seller.GetAsync($"/v2/disputes/{dispute}/evidence/{piece["evidence"]!["id"]}"))["evidence"]!["evidence_text"]);

        Assert.Equal("PROCESSING", (string?)(await DoneAsync("submit-evidence", new { }))["dispute"]!["state"]);
        Assert.Equal((HttpStatusCode.BadRequest, "BAD_REQUEST"), await RefusedAsync("submit-evidence", new { }));
        Assert.Equal((HttpStatusCode.BadRequest, "BAD_REQUEST"), await RefusedAsync("evidence-text", text with { idempotency_key = "k3" }));
        Assert.Equal(dispute, (await seller.AdvanceAsync("dispute_closed"))[0]);
        Assert.Equal((HttpStatusCode.BadRequest, "BAD_REQUEST"), await RefusedAsync("accept", new { }));
        var told = (await seller.BooksAsync())["events"]!.AsArray().Select(one => (string)one!["type"]!).ToList();
        Assert.Equal(["dispute.created", "dispute.evidence.created", "dispute.state.updated", "dispute.state.updated"], told.TakeLast(4));

        async Task<JsonNode> DoneAsync(string action, object body)
        {
            var (status, answer) = await seller.PostAsync($"/v2/disputes/{dispute}/{action}", body, "Bearer " + token);
            Assert.True(status == HttpStatusCode.OK, answer.ToJsonString());
            return answer;
        }

        async Task<(HttpStatusCode, string?)> RefusedAsync(string action, object body)
        {
            var (status, answer) = await seller.PostAsync($"/v2/disputes/{dispute}/{action}", body, "Bearer " + token);
            return (status, (string?)answer["errors"]?[0]?["code"]);
        }
    }

    [Fact]
    public async Task Evidence_can_be_removed_until_it_is_submitted()
    {
        await using var seller = await SquareSeller.StartAsync(40);
        var dispute = (await seller.AdvanceAsync("dispute"))[0];
        var token = await TokenAsync(seller);
        var path = $"/v2/disputes/{dispute}/evidence";
        var (_, piece) = await seller.PostAsync(path + "-text", new { idempotency_key = "k1", evidence_text = "a" }, "Bearer " + token);
        Assert.Equal(HttpStatusCode.OK, await DeleteAsync((string)piece["evidence"]!["id"]!));
        Assert.Equal(HttpStatusCode.NotFound, await DeleteAsync((string)piece["evidence"]!["id"]!));
        Assert.Empty(await seller.ListAsync(path, "evidence"));

        async Task<HttpStatusCode> DeleteAsync(string id)
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, $"{seller.Sandbox.Url}/square{path}/{id}");
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
            using var answer = await seller.Sandbox.Client.SendAsync(request, TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task A_dispute_is_given_up_only_with_the_scope_for_it()
    {
        await using var seller = await SquareSeller.StartAsync(40);
        var dispute = (await seller.AdvanceAsync("dispute"))[0];
        var (status, refused) = await seller.PostAsync($"/v2/disputes/{dispute}/accept", new { }, "Bearer " + seller.Token);
        Assert.Equal((HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPES"), (status, (string?)refused["errors"]![0]!["code"]));
        var (_, accepted) = await seller.PostAsync($"/v2/disputes/{dispute}/accept", new { }, "Bearer " + await TokenAsync(seller));
        Assert.Equal("ACCEPTED", (string?)accepted["dispute"]!["state"]);
    }

    [Fact]
    public async Task A_restarted_sandbox_knows_what_was_answered()
    {
        var folder = Directory.CreateTempSubdirectory("sandbox").FullName;
        string[] settings = ["--Sandbox:Square:Payments=10", "--Sandbox:Stripe:Transactions=20", $"--Sandbox:DataFolder={folder}"];
        string books, id;
        await using (var seller = await SquareSeller.StartAsync(40, settings: settings))
        {
            await using var receiver = await WebhookReceiver.StartAsync();
            await seller.Sandbox.ControlAsync("/control/square/webhooks", new { url = receiver.Url, secret = "key", account = seller.Id, type = "oauth.authorization.revoked" });   // made up
            var (first, second, token) = ((await seller.AdvanceAsync("dispute"))[0], (await seller.AdvanceAsync("dispute"))[0], "Bearer " + await TokenAsync(seller));
            await seller.PostAsync($"/v2/disputes/{first}/evidence-text", new { idempotency_key = "k1", evidence_text = "a" }, token);
            await seller.PostAsync($"/v2/disputes/{first}/submit-evidence", new { }, token);
            await seller.PostAsync($"/v2/disputes/{second}/accept", new { }, token);
            (id, books) = (seller.Id, (await seller.BooksAsync()).ToJsonString());
        }
        await using var again = await RunningSandbox.StartAsync(settings);
        Assert.Equal(books, (await again.ControlAsync($"/control/square/accounts/{id}/books")).ToJsonString());
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<string> TokenAsync(SquareSeller seller) =>
        (string)(await seller.ExchangeAsync((await seller.AuthorizeAsync(scope: SquareSeller.AllScopes + " DISPUTES_WRITE"))["code"])).Body["access_token"]!;
}
