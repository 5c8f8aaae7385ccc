using System.Net;
using System.Text.Json;
using System.Web;
using FinanceIntegrations.Domain.Providers;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Square;

public sealed class SquareAuthTests : IDisposable
{
    private readonly SquareBench _bench = new();

    [Fact]
    public void The_authorization_url_asks_for_the_scopes_outright_and_for_a_login()
    {
        var url = _bench.Auth.AuthorizationUrl(new("a state&=", new("https://app.example/callback?x=1"), null));
        Assert.Equal("https://connect.squareup.com/oauth2/authorize", url.GetLeftPart(UriPartial.Path));
        var query = HttpUtility.ParseQueryString(url.Query);
        Assert.Equal(["client_id", "redirect_uri", "response_type", "scope", "session", "state"], query.AllKeys.Order());
        Assert.Equal(("sq0idp-1", "https://app.example/callback?x=1", "a state&=", "false"), (query["client_id"], query["redirect_uri"], query["state"], query["session"]));
        Assert.Equal("MERCHANT_PROFILE_READ PAYMENTS_READ PAYOUTS_READ DISPUTES_READ", query["scope"]);
        Assert.False(_bench.Auth.UsesPkce);
        Assert.False(_bench.Connector.Info.Tokens.Rotates);
        Assert.Equal((TimeSpan.FromDays(30), TimeSpan.FromDays(7)), (_bench.Connector.Info.Tokens.AccessLifetime, _bench.Connector.Info.Tokens.RefreshEvery));
    }

    [Fact]
    public async Task A_confidential_client_sends_its_credentials_in_a_JSON_body()
    {
        _bench.Answer(_ => SquareBench.Example("ObtainTokenResponse").GetRawText());
        var grant = (await _bench.Auth.ExchangeAsync(new("sq0cgb-1", new("https://x/cb"), "unused"), SquareBench.Cancel)).Value;
        Assert.Equal(("EAAl3ikZIe18J-2-cHlV2bL4-EaZHGoJUhtEBT7QA6-7AgwIHw8Xe1IoUvGsNxA", "EQAAl0OcByu3IYJYScGGg-8E5YNf0r0b6jCTCMy5nOcRZ4ok0wbWAL8vY3tZWNcc", "MLQW2MYBY81PZ", true),
            (grant.AccessToken, grant.RefreshToken, grant.ExternalAccountId, grant.LiveMode));
        Assert.Equal("https://connect.squareup.com/oauth2/token", _bench.Provider.Last.Address.AbsoluteUri);
        Assert.Equal(["client_id=sq0idp-1", "client_secret=sq0csp-1", "code=sq0cgb-1", "grant_type=authorization_code", "redirect_uri=https://x/cb"], Body());
        Assert.False(_bench.Provider.Last.Headers.ContainsKey("Authorization"));
        Assert.Equal("2025-08-20", _bench.Provider.Last.Headers["Square-Version"]);
    }

    [Fact]
    public async Task The_life_that_is_left_is_measured_by_Squares_clock()
    {
        _bench.Answer(_ => """{"access_token":"EAAA","token_type":"bearer","expires_at":"2026-12-01T12:00:00Z","merchant_id":"ML1","refresh_token":"EQAA","refresh_token_expires_at":"2027-01-30T12:00:00Z"}""");
        var grant = (await _bench.Auth.RefreshAsync("EQAA0", SquareBench.Cancel)).Value;
        Assert.Equal((TimeSpan.FromDays(30), TimeSpan.FromDays(90)), (grant.ExpiresIn, grant.RefreshExpiresIn));
        Assert.Equal(["client_id=sq0idp-1", "client_secret=sq0csp-1", "grant_type=refresh_token", "refresh_token=EQAA0"], Body());
    }

    [Fact]
    public async Task A_public_client_sends_a_verifier_and_no_secret_and_its_refresh_token_rotates()
    {
        using var bench = new SquareBench(("SQUARE_USE_PKCE", "true"), ("SQUARE_CLIENT_SECRET", ""));
        Assert.True(bench.Auth.UsesPkce);
        Assert.True(bench.Connector.Info.Tokens.Rotates);
        Assert.Equal((TimeSpan.FromDays(90), TimeSpan.Zero), (bench.Connector.Info.Tokens.RefreshLifetime, bench.Connector.Info.Tokens.Grace));
        var query = HttpUtility.ParseQueryString(bench.Auth.AuthorizationUrl(new("s", new("https://x/cb"), "challenge")).Query);
        Assert.Equal(("challenge", "S256"), (query["code_challenge"], query["code_challenge_method"]));

        bench.Answer(_ => SquareBench.Example("ObtainTokenResponse").GetRawText());
        Assert.True((await bench.Auth.ExchangeAsync(new("sq0cgb-1", new("https://x/cb"), "verifier"), SquareBench.Cancel)).Ok);
        Assert.Equal(["client_id=sq0idp-1", "code=sq0cgb-1", "code_verifier=verifier", "grant_type=authorization_code", "redirect_uri=https://x/cb"], Body(bench));
        Assert.True((await bench.Auth.RefreshAsync("EQAA0", SquareBench.Cancel)).Ok);
        Assert.Equal(["client_id=sq0idp-1", "grant_type=refresh_token", "refresh_token=EQAA0"], Body(bench));
        Assert.Equal("client_secret_missing", (await bench.Auth.RevokeAsync(bench.Access, SquareBench.Cancel)).Error!.Code);
    }

    [Theory]
    [InlineData(401, "UNAUTHORIZED", ErrorClass.Consent)]
    [InlineData(404, "NOT_FOUND", ErrorClass.Consent)]
    [InlineData(401, "CLIENT_DISABLED", ErrorClass.Authentication)]
    [InlineData(400, "MISSING_REQUIRED_PARAMETER", ErrorClass.Validation)]
    [InlineData(429, "RATE_LIMITED", ErrorClass.RateLimited)]
    [InlineData(400, "too_many_requests", ErrorClass.RateLimited)]
    [InlineData(500, "INTERNAL_SERVER_ERROR", ErrorClass.OutcomeUnknown)]
    [InlineData(503, "SERVICE_UNAVAILABLE", ErrorClass.OutcomeUnknown)]
    public async Task A_refused_refresh_is_classified_and_never_repeated(int status, string code, ErrorClass expected)
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json($$"""{"errors":[{"category":"X","code":"{{code}}"}]}""", (HttpStatusCode)status));
        var error = (await _bench.Auth.RefreshAsync("EQAA0", SquareBench.Cancel)).Error!;
        Assert.Equal((expected, code), (error.Class, error.Code));
        Assert.Single(_bench.Provider.Sent);
    }

    [Fact]
    public async Task An_exchange_whose_answer_is_lost_is_unknown_and_one_that_never_left_is_not()
    {
        _bench.Provider.AnswerWith(() => throw new HttpRequestException(HttpRequestError.ResponseEnded, "ended"));
        Assert.Equal(ErrorClass.OutcomeUnknown, (await Exchange()).Class);
        _bench.Provider.AnswerWith(() => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused"));
        Assert.Equal(ErrorClass.Network, (await Exchange()).Class);
        foreach (var body in new[] { "<html>", "{}", """{"access_token":"x"}""", """{"access_token":"","merchant_id":"M"}""" })
        {
            _bench.Provider.AnswerWith(() => ScriptedProvider.Json(body));
            Assert.Equal(ErrorClass.OutcomeUnknown, (await Exchange()).Class);
        }
        Assert.Equal(6, _bench.Provider.Sent.Count);
    }

    [Fact]
    public async Task Revoking_names_the_seller_and_is_authenticated_by_the_secret_in_the_scheme_Client()
    {
        _bench.Answer(_ => """{"success":true}""");
        Assert.True((await _bench.Auth.RevokeAsync(_bench.Access, SquareBench.Cancel)).Value);
        Assert.Equal("https://connect.squareup.com/oauth2/revoke", _bench.Provider.Last.Address.AbsoluteUri);
        Assert.Equal(["client_id=sq0idp-1", "merchant_id=ML1"], Body());
        Assert.Equal("Client sq0csp-1", _bench.Provider.Last.Headers["Authorization"]);
    }

    [Theory]
    [InlineData(404, "NOT_FOUND", true)]
    [InlineData(401, "ACCESS_TOKEN_REVOKED", true)]
    [InlineData(401, "UNAUTHORIZED", false)]
    [InlineData(500, "INTERNAL_SERVER_ERROR", false)]
    public async Task A_consent_that_is_gone_already_is_revoked_and_a_wrong_secret_is_the_operators_matter(int status, string code, bool revoked)
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json($$"""{"errors":[{"category":"X","code":"{{code}}"}]}""", (HttpStatusCode)status));
        var answer = await _bench.Auth.RevokeAsync(_bench.Access, SquareBench.Cancel);
        Assert.Equal(revoked, answer.Ok);
        if (status == 401 && !revoked) Assert.True(answer.Error!.OwnCredential);
    }

    [Fact]
    public void Nothing_secret_is_in_a_text()
    {
        var request = new FinanceIntegrations.Providers.Square.SquareTokenRequest { ClientId = "c", GrantType = "refresh_token", ClientSecret = "canary", RefreshToken = "canary" };
        Assert.DoesNotContain("canary", $"{request} {new FinanceIntegrations.Providers.Square.SquareCaller(default, "canary")}", StringComparison.Ordinal);
    }

    public void Dispose() => _bench.Dispose();

    private async Task<ProviderError> Exchange() => (await _bench.Auth.ExchangeAsync(new("sq0cgb-1", new("https://x/"), null), SquareBench.Cancel)).Error!;

    private string[] Body(SquareBench? bench = null)
    {
        var sent = JsonDocument.Parse((bench ?? _bench).Provider.Last.Body).RootElement;
        return [.. sent.EnumerateObject().Select(field => $"{field.Name}={field.Value}").Order(StringComparer.Ordinal)];
    }
}
