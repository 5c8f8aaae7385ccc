using System.Net;
using FinanceIntegrations.Domain.Providers;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Square;

public sealed class SquareErrorTests : IDisposable
{
    private readonly SquareBench _bench = new();

    [Theory]
    [InlineData(401, "AUTHENTICATION_ERROR", "UNAUTHORIZED", ErrorClass.Authentication)]
    [InlineData(401, "AUTHENTICATION_ERROR", "ACCESS_TOKEN_EXPIRED", ErrorClass.Authentication)]
    [InlineData(401, "AUTHENTICATION_ERROR", "ACCESS_TOKEN_REVOKED", ErrorClass.Consent)]
    [InlineData(403, "AUTHENTICATION_ERROR", "INSUFFICIENT_SCOPES", ErrorClass.Consent)]
    [InlineData(403, "AUTHENTICATION_ERROR", "FORBIDDEN", ErrorClass.BusinessRule)]
    [InlineData(400, "INVALID_REQUEST_ERROR", "INVALID_TIME_RANGE", ErrorClass.Validation)]
    [InlineData(404, "INVALID_REQUEST_ERROR", "NOT_FOUND", ErrorClass.Validation)]
    [InlineData(409, "INVALID_REQUEST_ERROR", "CONFLICT", ErrorClass.BusinessRule)]
    [InlineData(429, "RATE_LIMIT_ERROR", "RATE_LIMITED", ErrorClass.RateLimited)]
    [InlineData(400, "V1_ERROR", "too_many_requests", ErrorClass.RateLimited)]
    [InlineData(408, "INVALID_REQUEST_ERROR", "REQUEST_TIMEOUT", ErrorClass.ProviderUnavailable)]
    [InlineData(500, "API_ERROR", "INTERNAL_SERVER_ERROR", ErrorClass.ProviderUnavailable)]
    [InlineData(503, "API_ERROR", "SERVICE_UNAVAILABLE", ErrorClass.ProviderUnavailable)]
    public async Task A_refused_read_is_classified_by_status_and_code(int status, string category, string code, ErrorClass expected)
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json(Errors(category, code), (HttpStatusCode)status));
        var error = (await _bench.FetchAsync("refunds")).Error!;
        Assert.Equal((expected, code, status), (error.Class, error.Code, error.HttpStatus));
        Assert.DoesNotContain("detail of", error.Message, StringComparison.Ordinal);
        Assert.False(error.OwnCredential);
    }

    [Theory]
    [InlineData("CLIENT_DISABLED")]
    [InlineData("APPLICATION_DISABLED")]
    public async Task A_disabled_application_is_the_operators_matter(string code)
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json(Errors("AUTHENTICATION_ERROR", code), HttpStatusCode.Unauthorized));
        var error = (await _bench.FetchAsync("refunds")).Error!;
        Assert.True(error.OwnCredential);
        Assert.False(error.NeedsUser);
    }

    [Theory]
    [InlineData("<html>Bad gateway</html>")]
    [InlineData("")]
    [InlineData("""{"errors":[]}""")]
    [InlineData("""{"errors":[{"category":7,"code":["x"]}]}""")]
    [InlineData("""{"errors":[{"code":"free text with spaces and a name"}]}""")]
    [InlineData("[1]")]
    public async Task A_body_that_is_none_of_Squares_leaves_the_status_to_speak(string body)
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json(body, HttpStatusCode.BadGateway));
        var error = (await _bench.FetchAsync("refunds")).Error!;
        Assert.Equal((ErrorClass.ProviderUnavailable, "http_502"), (error.Class, error.Code));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"refunds":{}}""")]
    [InlineData("""{"refunds":[]} x""")]
    [InlineData("""{"refunds":[],"cursor":5}""")]
    [InlineData("""{"refunds":[""")]
    public async Task A_success_that_is_no_list_is_an_error_and_no_empty_page(string body)
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json(body));
        Assert.Equal((ErrorClass.Validation, "unreadable_answer"), await Fetch("refunds"));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"refunds":null,"cursor":null}""")]
    [InlineData("""{"refunds":[],"cursor":""}""")]
    public async Task A_missing_array_is_an_empty_page(string body)
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json(body));
        var page = (await _bench.FetchAsync("refunds")).Value;
        Assert.Empty(page.Records);
        Assert.True(page.EndOfPass);
    }

    [Fact]
    public async Task Safe_reads_are_tried_again_twice_and_a_429_only_where_it_says_when()
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json(Errors("API_ERROR", "GATEWAY_TIMEOUT"), HttpStatusCode.GatewayTimeout));
        await Fetch("refunds");
        Assert.Equal(3, _bench.Provider.Sent.Count);
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json(Errors("RATE_LIMIT_ERROR", "RATE_LIMITED"), HttpStatusCode.TooManyRequests));
        Assert.Equal((ErrorClass.RateLimited, "RATE_LIMITED"), await Fetch("refunds"));
        Assert.Equal(4, _bench.Provider.Sent.Count);
    }

    [Fact]
    public async Task Without_a_token_or_a_seller_nothing_is_called()
    {
        foreach (var access in new[] { _bench.Access with { AccessToken = null }, _bench.Access with { ExternalAccountId = null } })
            Assert.Equal("account_missing", (await _bench.Connector.FetchPageAsync(new(access, "payments", null, false), SquareBench.Cancel)).Error!.Code);
        Assert.Empty(_bench.Provider.Sent);
    }

    [Fact]
    public async Task Without_keys_nothing_is_called()
    {
        using var bench = new SquareBench(("SQUARE_CLIENT_ID", ""), ("SQUARE_CLIENT_SECRET", ""));
        Assert.Equal("provider_not_configured", (await bench.FetchAsync("payments")).Error!.Code);
        Assert.Empty(bench.Provider.Sent);
    }

    public void Dispose() => _bench.Dispose();

    private static string Errors(string category, string code) => $$"""{"errors":[{"category":"{{category}}","code":"{{code}}","detail":"detail of Jane Doe","field":"x"}]}""";

    private async Task<(ErrorClass, string)> Fetch(string stream) => (await _bench.FetchAsync(stream)).Error is { } error ? (error.Class, error.Code) : default;
}
