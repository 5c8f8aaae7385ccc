using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers.PayPal;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.PayPal;

public sealed class PayPalAuthTests
{
    private const string AppToken = """{"scope":"x","access_token":"A21AA2","token_type":"Bearer","app_id":"APP-1","expires_in":31668,"nonce":"n"}""";

    private static readonly Uri Callback = new("https://app.example/callback?tenant=1");

    [Fact]
    public void A_merchant_logs_in_at_PayPals_own_page()
    {
        using var bench = new PayPalBench();
        var url = bench.Auth.AuthorizationUrl(new("s1", Callback, "challenge"));
        Assert.Equal("https://www.paypal.com/signin/authorize", url.GetLeftPart(UriPartial.Path));
        var query = HttpUtility.ParseQueryString(url.Query);
        Assert.Equal(
            ("static", "app_1", "code", "openid https://uri.paypal.com/services/paypalattributes", Callback.AbsoluteUri, "s1", "challenge", "S256"),
            (query["flowEntry"], query["client_id"], query["response_type"], query["scope"], query["redirect_uri"], query["state"], query["code_challenge"], query["code_challenge_method"]));
    }

    [Fact]
    public async Task The_log_in_tells_who_it_was_and_nothing_of_it_is_kept()
    {
        using var bench = new PayPalBench();
        bench.Provider.AnswerWith(
            () => ScriptedProvider.Json("""{"token_type":"Bearer","expires_in":900,"refresh_token":"R23AA","scope":"openid","access_token":"A23AA"}"""),
            () => ScriptedProvider.Json($$"""{"user_id":"u","payer_id":"{{PayPalBench.Merchant}}"}"""),
            () => ScriptedProvider.Json(AppToken));
        var grant = (await bench.Auth.ExchangeAsync(new("C21", Callback, "verifier"), PayPalBench.Cancel)).Value;
        Assert.Equal(("A21AA2", null, PayPalBench.Merchant, TimeSpan.FromSeconds(31668), true), (grant.AccessToken, grant.RefreshToken, grant.ExternalAccountId, grant.ExpiresIn, grant.LiveMode));

        var (exchange, user, token) = (bench.Provider.Sent[0], bench.Provider.Sent[1], bench.Provider.Sent[2]);
        var basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("app_1:secret_1"));
        Assert.Equal((basic, basic, "Bearer A23AA"), (exchange.Headers["Authorization"], token.Headers["Authorization"], user.Headers["Authorization"]));
        Assert.Equal([("grant_type", "authorization_code"), ("code", "C21"), ("redirect_uri", Callback.AbsoluteUri), ("code_verifier", "verifier")], exchange.Form);
        Assert.Equal([("grant_type", "client_credentials")], token.Form);
    }

    [Fact]
    public async Task A_log_in_without_a_payer_id_connects_nothing()
    {
        using var bench = new PayPalBench();
        bench.Provider.AnswerWith(
            () => ScriptedProvider.Json("""{"token_type":"Bearer","expires_in":900,"access_token":"A23AA"}"""),
            () => ScriptedProvider.Json("""{"user_id":"u"}"""));
        Assert.Equal("payer_id_missing", (await bench.Auth.ExchangeAsync(new("C21", Callback, null), PayPalBench.Cancel)).Error!.Code);
    }

    [Fact]
    public async Task The_next_token_needs_no_refresh_token()
    {
        using var bench = new PayPalBench();
        bench.Provider.AnswerWith(() => ScriptedProvider.Json(AppToken.Replace("31668", "12", StringComparison.Ordinal)));
        var grant = (await Assert.IsAssignableFrom<IIssuesTokens>(bench.Auth).IssueAsync(PayPalBench.Merchant, PayPalBench.Cancel)).Value;
        Assert.Equal((PayPalBench.Merchant, TimeSpan.FromSeconds(12)), (grant.ExternalAccountId, grant.ExpiresIn));
    }

    [Fact]
    public async Task The_own_account_needs_no_consent_and_no_assertion()
    {
        using var bench = new PayPalBench(("PAYPAL_OWN_ACCOUNT", "true"));
        var url = bench.Auth.AuthorizationUrl(new("s 1", Callback, "challenge"));
        Assert.Equal("https://app.example/callback?tenant=1&code=own_account&state=s%201", url.AbsoluteUri);
        bench.Provider.AnswerWith(
            () => ScriptedProvider.Json(AppToken), () => ScriptedProvider.Json($$"""{"balances":[],"account_id":"{{PayPalBench.Merchant}}"}"""));
        var grant = (await bench.Auth.ExchangeAsync(new("own_account", Callback, null), PayPalBench.Cancel)).Value;
        Assert.Equal(PayPalBench.Merchant, grant.ExternalAccountId);
        Assert.DoesNotContain("PayPal-Auth-Assertion", bench.Provider.Last.Headers.Keys);
        Assert.Equal(ErrorClass.Consent, (await bench.Auth.ExchangeAsync(new("another", Callback, null), PayPalBench.Cancel)).Error!.Class);
        Assert.True((await bench.Auth.RevokeAsync(bench.Access, PayPalBench.Cancel)).Ok);
    }

    [Fact]
    public async Task Where_merchants_consent_the_word_for_the_own_account_is_a_code_like_any_other()
    {
        using var bench = new PayPalBench();
        bench.Provider.AnswerWith(() => ScriptedProvider.Json("""{"error":"access_denied"}""", System.Net.HttpStatusCode.BadRequest));
        Assert.Equal(ErrorClass.Consent, (await bench.Auth.ExchangeAsync(new("own_account", Callback, null), PayPalBench.Cancel)).Error!.Class);
        Assert.Equal("own_account", bench.Provider.Sent.Single().Form.Single(f => f.Name == "code").Value);
    }

    [Fact]
    public async Task A_call_says_for_whom_the_app_acts()
    {
        using var bench = new PayPalBench();
        bench.Provider.AnswerWith(() => ScriptedProvider.Json("""{"balances":[]}"""));
        await bench.FetchAsync(PayPalStreams.Balances);
        var parts = bench.Provider.Last.Headers["PayPal-Auth-Assertion"].Split('.');
        Assert.Equal(("""{"alg":"none"}""", 3, ""), (Json(parts[0]).ToJsonString(), parts.Length, parts[2]));
        Assert.Equal(("app_1", PayPalBench.Merchant), ((string?)Json(parts[1])["iss"], (string?)Json(parts[1])["payer_id"]));
        Assert.Equal("Bearer A21AA1", bench.Provider.Last.Headers["Authorization"]);

        static JsonNode Json(string part) => JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(part))!;
    }

    [Fact]
    public async Task What_only_the_merchant_can_withdraw_is_said_to_stand()
    {
        using var bench = new PayPalBench();
        Assert.Equal("withdrawn_only_by_merchant", (await bench.Auth.RevokeAsync(bench.Access, PayPalBench.Cancel)).Error!.Code);
        Assert.Empty(bench.Provider.Sent);
    }
}
