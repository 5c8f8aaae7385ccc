using System.Net;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers.PayPal;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.PayPal;

public sealed class PayPalErrorTests
{
    /// <summary>Bodies as in paypal.md §2 and §6.</summary>
    [Theory]
    [InlineData(401, """{"error":"invalid_token","error_description":"Access Token not found in cache"}""", ErrorClass.Authentication, "invalid_token", false)]
    [InlineData(401, """{"error":"invalid_client","error_description":"Client Authentication failed"}""", ErrorClass.Authentication, "invalid_client", true)]
    [InlineData(401, """{"name":"AUTHENTICATION_FAILURE","message":"m","debug_id":"d"}""", ErrorClass.Authentication, "AUTHENTICATION_FAILURE", false)]
    [InlineData(403, """{"name":"NOT_AUTHORIZED","message":"m","details":[{"issue":"PERMISSION_DENIED"}]}""", ErrorClass.Consent, "NOT_AUTHORIZED", false)]
    [InlineData(404, """{"name":"RESOURCE_NOT_FOUND"}""", ErrorClass.Validation, "RESOURCE_NOT_FOUND", false)]
    [InlineData(400, """{"name":"INVALID_REQUEST","details":[{"issue":"INVALID_DATE_RANGE"}]}""", ErrorClass.Validation, "INVALID_REQUEST", false)]
    [InlineData(409, """{"name":"RESOURCE_CONFLICT"}""", ErrorClass.BusinessRule, "RESOURCE_CONFLICT", false)]
    [InlineData(422, """{"name":"UNPROCESSABLE_ENTITY"}""", ErrorClass.BusinessRule, "UNPROCESSABLE_ENTITY", false)]
    [InlineData(429, """{"name":"RATE_LIMIT_REACHED"}""", ErrorClass.RateLimited, "RATE_LIMIT_REACHED", false)]
    [InlineData(500, """{"name":"INTERNAL_SERVER_ERROR"}""", ErrorClass.ProviderUnavailable, "INTERNAL_SERVER_ERROR", false)]
    [InlineData(503, """{"name":"SERVICE_UNAVAILABLE"}""", ErrorClass.ProviderUnavailable, "SERVICE_UNAVAILABLE", false)]
    [InlineData(502, "<html>Bad gateway</html>", ErrorClass.ProviderUnavailable, "http_502", false)]
    [InlineData(400, """{"name":"a sentence with the buyer's name"}""", ErrorClass.Validation, "http_400", false)]
    public async Task Status_and_name_decide_the_class(int status, string body, ErrorClass expected, string code, bool own)
    {
        using var bench = new PayPalBench();
        bench.Provider.AnswerWith(() => ScriptedProvider.Json(body, (HttpStatusCode)status));
        var error = (await bench.FetchAsync(PayPalStreams.Balances)).Error!;
        Assert.Equal((expected, code, own, (int?)status), (error.Class, error.Code, error.OwnCredential, error.HttpStatus));
        Assert.DoesNotContain("buyer", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feature_that_the_own_app_lacks_is_the_operators_matter()
    {
        using var bench = new PayPalBench(("PAYPAL_OWN_ACCOUNT", "true"));
        bench.Provider.AnswerWith(() => ScriptedProvider.Json("""{"name":"NOT_AUTHORIZED"}""", HttpStatusCode.Forbidden));
        var error = (await bench.FetchAsync(PayPalStreams.Balances)).Error!;
        Assert.True(error.OwnCredential);
        Assert.False(error.NeedsUser);
    }

    [Theory]
    [InlineData(401, """{"error":"invalid_client"}""")]
    [InlineData(401, "<html>")]
    [InlineData(403, """{"name":"NOT_AUTHORIZED"}""")]
    [InlineData(400, """{"error":"invalid_grant"}""")]
    public async Task A_token_that_the_app_does_not_get_is_no_merchants_matter(int status, string body)
    {
        using var bench = new PayPalBench();
        bench.Provider.AnswerWith(() => ScriptedProvider.Json(body, (HttpStatusCode)status));
        var error = (await ((IIssuesTokens)bench.Auth).IssueAsync(PayPalBench.Merchant, PayPalBench.Cancel)).Error!;
        Assert.Equal((ErrorClass.Authentication, true, false), (error.Class, error.OwnCredential, error.NeedsUser));
    }

    [Fact]
    public async Task A_used_code_and_a_lost_exchange_are_told_apart()
    {
        using var bench = new PayPalBench();
        bench.Provider.AnswerWith(() => ScriptedProvider.Json("""{"error":"access_denied","error_description":"Invalid authorization code"}""", HttpStatusCode.BadRequest));
        Assert.Equal(ErrorClass.Consent, (await bench.Auth.ExchangeAsync(new("c", new("http://127.0.0.1/cb"), "v"), PayPalBench.Cancel)).Error!.Class);
        bench.Provider.Answer = (_, _) => throw new HttpRequestException(HttpRequestError.ResponseEnded, "cut");
        Assert.Equal(ErrorClass.OutcomeUnknown, (await bench.Auth.ExchangeAsync(new("c", new("http://127.0.0.1/cb"), "v"), PayPalBench.Cancel)).Error!.Class);
    }
}
