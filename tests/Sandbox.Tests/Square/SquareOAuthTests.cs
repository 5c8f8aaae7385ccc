using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests.Square;

public sealed class SquareOAuthTests
{
    private static readonly string[] Fields = ["access_token", "expires_at", "merchant_id", "refresh_token", "short_lived", "token_type"];

    [Fact]
    public async Task The_code_flow_gives_thirty_days_and_the_same_refresh_token_for_ever()
    {
        await using var seller = await SquareSeller.StartAsync(20, connect: false);
        var callback = await seller.AuthorizeAsync();
        Assert.Equal(("s1", "code"), (callback["state"], callback["response_type"]));
        Assert.StartsWith("sq0cgb-", callback["code"], StringComparison.Ordinal);

        var (status, token) = await seller.ExchangeAsync(callback["code"]);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(Fields, token.AsObject().Select(field => field.Key).Order(StringComparer.Ordinal));
        Assert.Equal((seller.Id, "bearer"), ((string)token["merchant_id"]!, (string)token["token_type"]!));
        var left = DateTimeOffset.Parse((string)token["expires_at"]!, CultureInfo.InvariantCulture) - TimeProvider.System.GetUtcNow();
        Assert.InRange(left.TotalDays, 29.9, 30);

        var refresh = new { client_id = SquareSeller.ClientId, client_secret = SquareSeller.Secret, grant_type = "refresh_token", refresh_token = (string)token["refresh_token"]! };
        var (_, again) = await seller.PostAsync("/oauth2/token", refresh);
        Assert.Equal((string)token["refresh_token"]!, (string)again["refresh_token"]!);
        Assert.NotEqual((string)token["access_token"]!, (string)again["access_token"]!);
        foreach (var access in new[] { token, again })
            await seller.GetAsync("/v2/locations", token: (string)access["access_token"]!);
        Assert.Equal(HttpStatusCode.OK, (await seller.PostAsync("/oauth2/token", refresh)).Status);
    }

    [Fact]
    public async Task The_PKCE_flow_needs_the_verifier_and_each_refresh_token_works_once()
    {
        await using var seller = await SquareSeller.StartAsync(20, connect: false);
        var verifier = new string('v', 50);
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        Assert.Equal(HttpStatusCode.Unauthorized, (await Exchange((await seller.AuthorizeAsync())["code"], verifier)).Status);
        Assert.NotEqual(HttpStatusCode.OK, (await Exchange((await seller.AuthorizeAsync(challenge: challenge))["code"], new string('w', 50))).Status);

        var (status, token) = await Exchange((await seller.AuthorizeAsync(challenge: challenge))["code"], verifier);
        Assert.Equal(HttpStatusCode.OK, status);
        var ends = DateTimeOffset.Parse((string)token["refresh_token_expires_at"]!, CultureInfo.InvariantCulture) - TimeProvider.System.GetUtcNow();
        Assert.InRange(ends.TotalDays, 89.9, 90);
        var (_, next) = await Refresh((string)token["refresh_token"]!);
        Assert.NotEqual((string)token["refresh_token"]!, (string)next["refresh_token"]!);
        var (refused, body) = await Refresh((string)token["refresh_token"]!);
        Assert.Equal((HttpStatusCode.Unauthorized, "UNAUTHORIZED"), (refused, (string)body["errors"]![0]!["code"]!));
        Assert.Equal(HttpStatusCode.OK, (await Refresh((string)next["refresh_token"]!)).Status);

        Task<(HttpStatusCode Status, System.Text.Json.Nodes.JsonNode Body)> Exchange(string code, string code_verifier) => seller.PostAsync("/oauth2/token",
            new { client_id = SquareSeller.ClientId, grant_type = "authorization_code", code, code_verifier, redirect_uri = RunningSandbox.Callback });
        Task<(HttpStatusCode Status, System.Text.Json.Nodes.JsonNode Body)> Refresh(string refresh_token) =>
            seller.PostAsync("/oauth2/token", new { client_id = SquareSeller.ClientId, grant_type = "refresh_token", refresh_token });
    }

    [Fact]
    public async Task Revoking_is_authenticated_by_the_secret_and_ends_everything_of_the_seller()
    {
        await using var seller = await SquareSeller.StartAsync(20);
        var body = new { client_id = SquareSeller.ClientId, access_token = seller.Token };
        Assert.Equal(HttpStatusCode.Unauthorized, (await seller.PostAsync("/oauth2/revoke", body, "Bearer " + SquareSeller.Secret)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await seller.PostAsync("/oauth2/revoke",
            new { client_id = SquareSeller.ClientId, access_token = seller.Token, merchant_id = seller.Id }, "Client " + SquareSeller.Secret)).Status);
        var (status, answer) = await seller.PostAsync("/oauth2/revoke", body, "Client " + SquareSeller.Secret);
        Assert.Equal((HttpStatusCode.OK, """{"success":true}"""), (status, answer.ToJsonString()));
        Assert.Equal("ACCESS_TOKEN_REVOKED", await seller.ErrorAsync("/v2/locations", HttpStatusCode.Unauthorized));
        Assert.Equal(HttpStatusCode.NotFound, (await seller.PostAsync("/oauth2/revoke", body, "Client " + SquareSeller.Secret)).Status);
        var happened = (await seller.BooksAsync())["events"]!.AsArray()[^1]!;
        Assert.Equal(("oauth.authorization.revoked", "APPLICATION"), ((string)happened["type"]!, (string)happened["data"]!["object"]!["revocation"]!["revoker_type"]!));
    }

    [Fact]
    public async Task Token_status_tells_scopes_and_seller()
    {
        await using var seller = await SquareSeller.StartAsync(20);
        var (status, answer) = await seller.PostAsync("/oauth2/token/status", new { }, "Bearer " + seller.Token);
        Assert.Equal((HttpStatusCode.OK, seller.Id, SquareSeller.ClientId), (status, (string)answer["merchant_id"]!, (string)answer["client_id"]!));
        Assert.Equal(SquareSeller.AllScopes.Split(' '), answer["scopes"]!.AsArray().Select(scope => (string)scope!));
        Assert.Equal(HttpStatusCode.Unauthorized, (await seller.PostAsync("/oauth2/token/status", new { }, "Bearer EAAAx")).Status);
    }

    [Fact]
    public async Task What_was_not_granted_cannot_be_read_and_a_token_ends()
    {
        await using var seller = await SquareSeller.StartAsync(20, connect: false);
        await seller.Sandbox.ControlAsync("/control/square/tokens", new { access_seconds = 0 });
        var (_, gone) = await seller.ExchangeAsync((await seller.AuthorizeAsync())["code"]);
        Assert.Equal("ACCESS_TOKEN_EXPIRED", await seller.ErrorAsync("/v2/locations", HttpStatusCode.Unauthorized, (string)gone["access_token"]!));
        await seller.Sandbox.ControlAsync("/control/square/tokens", new { access_seconds = 60 });
        var (_, narrow) = await seller.ExchangeAsync((await seller.AuthorizeAsync(scope: "MERCHANT_PROFILE_READ"))["code"]);
        await seller.GetAsync("/v2/locations", token: (string)narrow["access_token"]!);
        Assert.Equal("INSUFFICIENT_SCOPES", await seller.ErrorAsync("/v2/payments", HttpStatusCode.Forbidden, (string)narrow["access_token"]!));
        Assert.Equal("UNAUTHORIZED", await seller.ErrorAsync("/v2/payments", HttpStatusCode.Unauthorized, "nonsense"));
    }

    [Fact]
    public async Task Refusals_have_Squares_errors()
    {
        await using var seller = await SquareSeller.StartAsync(20, connect: false);
        var denied = await seller.AuthorizeAsync("sandbox_deny=1");
        Assert.Equal(("access_denied", "user_denied", "s1"), (denied["error"], denied["error_description"], denied["state"]));
        var code = (await seller.AuthorizeAsync())["code"];
        Assert.Equal(HttpStatusCode.OK, (await seller.ExchangeAsync(code)).Status);
        await Refused(HttpStatusCode.Unauthorized, "UNAUTHORIZED", seller.ExchangeAsync(code));
        await Refused(HttpStatusCode.Unauthorized, "UNAUTHORIZED", seller.ExchangeAsync("sq0cgb-nonsense"));
        await Refused(HttpStatusCode.Unauthorized, "UNAUTHORIZED", seller.PostAsync("/oauth2/token", new { client_id = SquareSeller.ClientId, client_secret = "wrong", grant_type = "refresh_token", refresh_token = "x" }));
        await Refused(HttpStatusCode.BadRequest, "MISSING_REQUIRED_PARAMETER", seller.PostAsync("/oauth2/token", new { client_id = SquareSeller.ClientId }));
        await Refused(HttpStatusCode.BadRequest, "EXPECTED_JSON_BODY", seller.PostAsync("/oauth2/token", new[] { 1 }));

        static async Task Refused(HttpStatusCode status, string error, Task<(HttpStatusCode Status, System.Text.Json.Nodes.JsonNode Body)> answer)
        {
            var (seen, body) = await answer;
            Assert.Equal((status, error), (seen, (string)body["errors"]![0]!["code"]!));
            Assert.Null(body["error"]);
        }
    }
}
