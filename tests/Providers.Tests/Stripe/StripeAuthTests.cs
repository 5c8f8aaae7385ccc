using System.Net;
using System.Web;
using FinanceIntegrations.Domain.Providers;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Stripe;

public sealed class StripeAuthTests : IDisposable
{
    /// <summary>stripe-dotnet, token_response.json.</summary>
    private const string Token =
        """{"access_token":"sk_test_access_token","livemode":false,"refresh_token":"rt_refresh_token","token_type":"bearer","stripe_publishable_key":"pk_test_1","stripe_user_id":"acct_9","scope":"read_write"}""";

    private readonly StripeBench _bench = new();

    [Fact]
    public void The_authorization_url_is_connects()
    {
        var url = _bench.Auth.AuthorizationUrl(new("a state&=", new("https://app.example/callback?x=1"), null));
        Assert.Equal("https://connect.stripe.com/oauth/authorize", url.GetLeftPart(UriPartial.Path));
        var query = HttpUtility.ParseQueryString(url.Query);
        Assert.Equal(["client_id", "redirect_uri", "response_type", "scope", "state"], query.AllKeys.Order());
        Assert.Equal(("ca_1", "code", "read_write", "https://app.example/callback?x=1", "a state&="),
            (query["client_id"], query["response_type"], query["scope"], query["redirect_uri"], query["state"]));
        Assert.False(_bench.Auth.UsesPkce);
    }

    [Fact]
    public async Task A_code_is_exchanged_with_the_platforms_secret()
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json(Token));
        var grant = (await _bench.Auth.ExchangeAsync(new("ac_1", new("https://x/"), null), StripeBench.Cancel)).Value;
        Assert.Equal(("sk_test_access_token", "rt_refresh_token", null, "read_write", "acct_9", false),
            (grant.AccessToken, grant.RefreshToken, grant.ExpiresIn, grant.Scope, grant.ExternalAccountId, grant.LiveMode));
        Assert.Equal("https://connect.stripe.com/oauth/token", _bench.Provider.Last.Address.AbsoluteUri);
        Assert.Equal([("grant_type", "authorization_code"), ("code", "ac_1"), ("client_secret", "sk_test_1")], _bench.Provider.Last.Form);
        Assert.False(_bench.Provider.Last.Headers.ContainsKey("Stripe-Account"));
    }

    [Fact]
    public async Task A_refresh_names_the_refresh_token()
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json(Token));
        Assert.True((await _bench.Auth.RefreshAsync("rt_1", StripeBench.Cancel)).Ok);
        Assert.Equal([("grant_type", "refresh_token"), ("refresh_token", "rt_1"), ("client_secret", "sk_test_1")], _bench.Provider.Last.Form);
    }

    [Theory]
    [InlineData(400, "invalid_grant", ErrorClass.Consent)]
    [InlineData(401, "invalid_client", ErrorClass.Authentication)]
    [InlineData(400, "invalid_request", ErrorClass.Validation)]
    [InlineData(400, "invalid_scope", ErrorClass.Validation)]
    [InlineData(500, "server_error", ErrorClass.OutcomeUnknown)]
    public async Task A_refused_exchange_is_classified_and_never_repeated(int status, string code, ErrorClass expected)
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json($$"""{"error":"{{code}}","error_description":"Authorization code does not exist: ac_1"}""", (HttpStatusCode)status));
        var error = (await _bench.Auth.ExchangeAsync(new("ac_1", new("https://x/"), null), StripeBench.Cancel)).Error!;
        Assert.Equal((expected, code), (error.Class, error.Code));
        Assert.Equal(code == "invalid_grant", error.NeedsUser);
        Assert.Single(_bench.Provider.Sent);
    }

    [Fact]
    public async Task An_exchange_whose_answer_is_lost_is_unknown_and_one_that_never_left_is_not()
    {
        _bench.Provider.AnswerWith(() => throw new HttpRequestException(HttpRequestError.ResponseEnded, "ended"));
        Assert.Equal(ErrorClass.OutcomeUnknown, (await _bench.Auth.ExchangeAsync(new("ac_1", new("https://x/"), null), StripeBench.Cancel)).Error!.Class);
        _bench.Provider.AnswerWith(() => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused"));
        Assert.Equal(ErrorClass.Network, (await _bench.Auth.ExchangeAsync(new("ac_1", new("https://x/"), null), StripeBench.Cancel)).Error!.Class);
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json("<html>"));
        Assert.Equal(ErrorClass.OutcomeUnknown, (await _bench.Auth.ExchangeAsync(new("ac_1", new("https://x/"), null), StripeBench.Cancel)).Error!.Class);
        Assert.Equal(3, _bench.Provider.Sent.Count);
    }

    [Fact]
    public async Task Revoking_names_the_account_and_is_authenticated_by_the_key()
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json("""{"stripe_user_id":"acct_1"}"""));
        Assert.True((await _bench.Auth.RevokeAsync(_bench.Access, StripeBench.Cancel)).Value);
        Assert.Equal("https://connect.stripe.com/oauth/deauthorize", _bench.Provider.Last.Address.AbsoluteUri);
        Assert.Equal([("client_id", "ca_1"), ("stripe_user_id", "acct_1")], _bench.Provider.Last.Form);
        Assert.Equal("Bearer sk_test_1", _bench.Provider.Last.Headers["Authorization"]);
    }

    [Theory]
    [InlineData(403, "account_invalid", true)]
    [InlineData(401, "invalid_key", false)]
    public async Task An_account_that_has_left_already_is_revoked_and_a_wrong_client_is_not(int status, string code, bool revoked)
    {
        _bench.Provider.AnswerWith(
            () => ScriptedProvider.Json("""{"error":"invalid_client","error_description":"…"}""", HttpStatusCode.Unauthorized),
            () => ScriptedProvider.Json($$$"""{"error":{"code":"{{{code}}}"}}""", (HttpStatusCode)status));
        Assert.Equal(revoked, (await _bench.Auth.RevokeAsync(_bench.Access, StripeBench.Cancel)).Ok);
    }

    public void Dispose() => _bench.Dispose();
}
