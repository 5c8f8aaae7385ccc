using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests;

public sealed class OAuthTests
{
    private static readonly string[] Fields =
        ["access_token", "livemode", "refresh_token", "scope", "stripe_publishable_key", "stripe_user_id", "token_type"];

    [Fact]
    public async Task Consent_leads_to_a_connection_with_exactly_the_fields_that_Stripe_answers()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        await sandbox.GetAsync("/v1/balance", HttpStatusCode.Forbidden);
        var callback = await sandbox.AuthorizeAsync("sandbox_approve=1");
        Assert.Equal("s1", callback["state"]);
        Assert.Equal("read_write", callback["scope"]);
        Assert.StartsWith("ac_", callback["code"], StringComparison.Ordinal);

        var (status, token) = await sandbox.ExchangeAsync(callback["code"]);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(Fields, token.AsObject().Select(field => field.Key).Order(StringComparer.Ordinal));
        Assert.Equal(sandbox.Account, (string)token["stripe_user_id"]!);
        Assert.Equal("bearer", (string)token["token_type"]!);
        Assert.False((bool)token["livemode"]!);
        await sandbox.GetAsync("/v1/balance");
        await sandbox.GetAsync("/stripe/v1/balance", account: "", key: (string)token["access_token"]!);
    }

    [Fact]
    public async Task A_code_used_twice_ends_the_connection_it_made()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        var code = (await sandbox.AuthorizeAsync("sandbox_approve=1"))["code"];
        var (_, token) = await sandbox.ExchangeAsync(code);
        var (status, refusal) = await sandbox.ExchangeAsync(code);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("invalid_grant", (string)refusal["error"]!);
        Assert.Null(refusal["error_uri"]);

        var error = await sandbox.GetAsync("/v1/balance", HttpStatusCode.Forbidden);
        Assert.Equal("account_invalid", (string)error["error"]!["code"]!);
        await sandbox.GetAsync("/v1/balance", HttpStatusCode.Unauthorized, account: "", key: (string)token["access_token"]!);
        var (again, _) = await sandbox.PostFormAsync("/oauth/token", ("grant_type", "refresh_token"),
            ("refresh_token", (string)token["refresh_token"]!), ("client_secret", RunningSandbox.Key));
        Assert.Equal(HttpStatusCode.BadRequest, again);
    }

    [Fact]
    public async Task A_refusal_comes_back_as_access_denied()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        var callback = await sandbox.AuthorizeAsync("sandbox_deny=1");
        Assert.Equal("access_denied", callback["error"]);
        Assert.Equal("s1", callback["state"]);
        Assert.False(callback.ContainsKey("code"));
    }

    [Fact]
    public async Task A_person_sees_a_page_and_chooses_the_account()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        var second = (string)(await sandbox.ControlAsync("/control/stripe/accounts"))[1]!["id"]!;
        var address = $"/oauth/authorize?client_id=ca_sandbox&response_type=code&state=s&redirect_uri={RunningSandbox.Callback}";
        var page = await sandbox.Client.GetStringAsync(new Uri(sandbox.Url + address), TestContext.Current.CancellationToken);
        Assert.Contains(second, page, StringComparison.Ordinal);

        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["client_id"] = "ca_sandbox",
            ["response_type"] = "code",
            ["state"] = "s",
            ["redirect_uri"] = RunningSandbox.Callback,
            ["sandbox_account"] = second,
            ["sandbox_decision"] = "approve",
        });
        using var decided = await sandbox.Client.PostAsync(
            new Uri(sandbox.Url + "/oauth/authorize"), form, TestContext.Current.CancellationToken);
        var location = decided.Headers.Location!.ToString();
        Assert.Contains("scope=read_only", location, StringComparison.Ordinal);
        var (_, token) = await sandbox.ExchangeAsync(location.Split("code=")[1].Split('&')[0]);
        Assert.Equal(second, (string)token["stripe_user_id"]!);
    }

    [Theory]
    [InlineData("client_id=ca_other&response_type=code&redirect_uri=http://127.0.0.1:9/cb")]
    [InlineData("client_id=ca_sandbox&response_type=code&redirect_uri=https://example.com/cb")]
    [InlineData("client_id=ca_sandbox&response_type=code&redirect_uri=http://127.0.0.1:9/cb&scope=everything")]
    [InlineData("client_id=ca_sandbox&response_type=token&redirect_uri=http://127.0.0.1:9/cb")]
    public async Task Only_a_refusal_is_answered_by_redirect(string query)
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        using var answer = await sandbox.Client.GetAsync(
            new Uri($"{sandbox.Url}/oauth/authorize?{query}&sandbox_approve=1"), TestContext.Current.CancellationToken);
        Assert.InRange((int)answer.StatusCode, 400, 499);
        Assert.Null(answer.Headers.Location);
    }

    [Fact]
    public async Task Errors_of_the_token_endpoint_are_words_that_Stripe_uses()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        var (unknown, body) = await sandbox.ExchangeAsync("ac_123");
        Assert.Equal(HttpStatusCode.BadRequest, unknown);
        Assert.Equal("""{"error":"invalid_grant","error_description":"Authorization code does not exist: ac_123"}""", body.ToJsonString());
        var (client, wrong) = await sandbox.PostFormAsync(
            "/oauth/token", ("grant_type", "authorization_code"), ("code", "ac_1"), ("client_secret", "sk_test_wrong"));
        Assert.Equal(HttpStatusCode.Unauthorized, client);
        Assert.Equal("invalid_client", (string)wrong["error"]!);
        var (_, type) = await sandbox.PostFormAsync("/oauth/token", ("grant_type", "password"), ("client_secret", RunningSandbox.Key));
        Assert.Equal("unsupported_grant_type", (string)type["error"]!);
    }

    [Fact]
    public async Task The_secret_key_may_come_as_Basic_and_a_refresh_ends_the_earlier_access_token()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        var code = (await sandbox.AuthorizeAsync($"sandbox_account={sandbox.Account}"))["code"];
        sandbox.Client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(RunningSandbox.Key + ":")));
        var (_, first) = await sandbox.PostFormAsync("/stripe/oauth/token", ("grant_type", "authorization_code"), ("code", code));
        var (_, second) = await sandbox.PostFormAsync(
            "/stripe/oauth/token", ("grant_type", "refresh_token"), ("refresh_token", (string)first["refresh_token"]!));
        sandbox.Client.DefaultRequestHeaders.Authorization = null;
        await sandbox.GetAsync("/v1/balance", HttpStatusCode.Unauthorized, account: "", key: (string)first["access_token"]!);
        await sandbox.GetAsync("/v1/balance", account: "", key: (string)second["access_token"]!);
    }

    [Fact]
    public async Task Deauthorizing_ends_access_and_leaves_an_event()
    {
        await using var sandbox = await RunningSandbox.StartConnectedAsync();
        var (status, body) = await sandbox.PostFormAsync("/oauth/deauthorize",
            ("client_id", "ca_sandbox"), ("stripe_user_id", sandbox.Account), ("client_secret", RunningSandbox.Key));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal($$"""{"stripe_user_id":"{{sandbox.Account}}"}""", body.ToJsonString());
        await sandbox.GetAsync("/v1/balance", HttpStatusCode.Forbidden);
        var books = await sandbox.ControlAsync($"/control/stripe/accounts/{sandbox.Account}/books");
        Assert.Equal("account.application.deauthorized", (string)books["events"]![0]!["type"]!);

        var (again, refusal) = await sandbox.PostFormAsync("/oauth/deauthorize",
            ("client_id", "ca_sandbox"), ("stripe_user_id", sandbox.Account), ("client_secret", RunningSandbox.Key));
        Assert.Equal(HttpStatusCode.Unauthorized, again);
        Assert.Equal("invalid_client", (string)refusal["error"]!);
    }
}
