using System.Net;
using System.Text;
using FinanceIntegrations.Domain.Providers;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Stripe;

public sealed class StripeErrorTests : IDisposable
{
    private StripeBench _bench = new();

    [Theory]
    [InlineData(400, "parameter_unknown", ErrorClass.Validation, "parameter_unknown")]
    [InlineData(400, null, ErrorClass.Validation, "http_400")]
    [InlineData(400, "rate_limit", ErrorClass.RateLimited, "rate_limit")]
    [InlineData(401, null, ErrorClass.Authentication, "unauthorized")]
    [InlineData(402, "card_declined", ErrorClass.BusinessRule, "card_declined")]
    [InlineData(403, "account_invalid", ErrorClass.Consent, "account_invalid")]
    [InlineData(403, null, ErrorClass.BusinessRule, "permission_missing")]
    [InlineData(404, "resource_missing", ErrorClass.Validation, "resource_missing")]
    [InlineData(409, "idempotency_key_in_use", ErrorClass.ProviderUnavailable, "idempotency_key_in_use")]
    [InlineData(429, "rate_limit", ErrorClass.RateLimited, "rate_limit")]
    [InlineData(429, "lock_timeout", ErrorClass.ProviderUnavailable, "lock_timeout")]
    [InlineData(429, null, ErrorClass.RateLimited, "rate_limited")]
    [InlineData(500, null, ErrorClass.ProviderUnavailable, "http_500")]
    [InlineData(502, null, ErrorClass.ProviderUnavailable, "http_502")]
    [InlineData(503, null, ErrorClass.ProviderUnavailable, "http_503")]
    [InlineData(302, null, ErrorClass.Validation, "http_302")]
    public async Task Status_and_code_decide_the_class(int status, string? code, ErrorClass expected, string expectedCode)
    {
        var codePart = code is null ? "" : $"\"code\":\"{code}\",";
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json($$$"""{"error":{{{{codePart}}}"message":"sk_live_secret of Jane","type":"x"}}""", (HttpStatusCode)status));
        var error = await ErrorOf("payouts");
        Assert.Equal((expected, expectedCode, status, "req_123"), (error.Class, error.Code, error.HttpStatus, error.RequestId));
        Assert.DoesNotContain("Jane", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(status == 401, error.OwnCredential);
    }

    [Theory]
    [InlineData("<html>Bad gateway</html>")]
    [InlineData("")]
    [InlineData("{\"error\":{\"code\":\"a sentence with sk_live_123\"}}")]
    [InlineData("{\"error\":{\"code\":7}}")]
    public async Task An_error_that_says_nothing_usable_is_classified_by_its_status(string body)
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json(body, HttpStatusCode.BadGateway));
        Assert.Equal((ErrorClass.ProviderUnavailable, "http_502"), Kind(await ErrorOf("payouts")));
    }

    [Theory]
    [InlineData("<html>Log in to the wifi</html>")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"object\":\"list\",\"data\":[")]
    [InlineData("{\"object\":\"list\",\"data\":{},\"has_more\":false}")]
    [InlineData("{\"object\":\"list\",\"data\":[]}")]
    [InlineData("{\"object\":\"list\",\"data\":[],\"has_more\":false}{}")]
    public async Task Garbage_instead_of_a_list_is_a_validation_error(string body)
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json(body));
        foreach (var stream in new[] { "payouts", "transactions", "accounts", "balances" })
            Assert.Equal((ErrorClass.Validation, "unreadable_answer"), Kind(await ErrorOf(stream)));
    }

    [Fact]
    public async Task A_body_that_is_cut_off_is_a_network_error_after_two_more_attempts()
    {
        _bench.Provider.AnswerWith(() => Cut(StripeBench.Payout("po_1", "paid")));
        Assert.Equal((ErrorClass.Network, "connection_lost"), Kind(await ErrorOf("payouts")));
        Assert.Equal(3, _bench.Provider.Sent.Count);
    }

    [Fact]
    public async Task A_read_that_fails_once_is_repeated_and_succeeds()
    {
        _bench.Provider.AnswerWith(() => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused"), () => ScriptedProvider.Json("{}", HttpStatusCode.InternalServerError), () => _bench.List(false));
        Assert.True((await _bench.FetchAsync("payouts")).Ok);
        Assert.Equal(3, _bench.Provider.Sent.Count);
    }

    [Theory]
    [InlineData(429, null, null, 1)]
    [InlineData(429, "true", null, 3)]
    [InlineData(429, null, "0", 3)]
    [InlineData(429, null, "60", 1)]
    [InlineData(500, "false", null, 1)]
    [InlineData(500, null, null, 3)]
    [InlineData(409, null, null, 3)]
    [InlineData(400, null, null, 1)]
    [InlineData(400, "true", null, 3)]
    public async Task Stripe_says_what_is_worth_another_attempt(int status, string? shouldRetry, string? retryAfter, int attempts)
    {
        _bench.Provider.AnswerWith(() =>
        {
            var response = ScriptedProvider.Json("{}", (HttpStatusCode)status);
            if (shouldRetry is not null) response.Headers.TryAddWithoutValidation("Stripe-Should-Retry", shouldRetry);
            if (retryAfter is not null) response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
            return response;
        });
        var error = await ErrorOf("payouts");
        Assert.Equal(attempts, _bench.Provider.Sent.Count);
        Assert.Equal(retryAfter is null ? null : TimeSpan.FromSeconds(int.Parse(retryAfter, System.Globalization.CultureInfo.InvariantCulture)), error.RetryAfter);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_is_a_time_out()
    {
        Replace(("Providers:Stripe:Limits:AttemptTimeout", "00:00:00.1"), ("Providers:Stripe:Limits:MaxRetries", "0"));
        _bench.Provider.Answer = async (_, cancel) =>
        {
            await Task.Delay(Timeout.Infinite, cancel);
            return new HttpResponseMessage();
        };
        Assert.Equal((ErrorClass.Network, "timeout"), Kind(await ErrorOf("payouts")));
        Assert.Equal((ErrorClass.OutcomeUnknown, "timeout"), Kind((await _bench.Auth.ExchangeAsync(new("ac_1", new("http://x/"), null), StripeBench.Cancel)).Error!));
    }

    [Fact]
    public async Task A_body_that_stalls_is_a_time_out_too()
    {
        Replace(("Providers:Stripe:Limits:AttemptTimeout", "00:00:00.1"), ("Providers:Stripe:Limits:MaxRetries", "0"));
        _bench.Provider.AnswerWith(() => new() { Content = new StreamContent(new StalledStream()) });
        Assert.Equal((ErrorClass.Network, "timeout"), Kind(await ErrorOf("payouts")));
    }

    [Fact]
    public async Task A_body_longer_than_we_take_is_refused()
    {
        Replace(("Providers:Stripe:Limits:LongestBody", "1024"));
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json(new string(' ', 1025)));
        Assert.Equal((ErrorClass.Validation, "answer_too_long"), Kind(await ErrorOf("payouts")));
        _bench.Provider.AnswerWith(() => new() { Content = new StreamContent(new MemoryStream(new byte[200_000])) { Headers = { ContentLength = null } } });
        Assert.Equal((ErrorClass.Validation, "answer_too_long"), Kind(await ErrorOf("payouts")));
    }

    [Fact]
    public async Task Cancelling_is_no_error_of_the_provider()
    {
        using var cancel = new CancellationTokenSource();
        _bench.Provider.Answer = async (_, token) =>
        {
            await cancel.CancelAsync();
            token.ThrowIfCancellationRequested();
            return new();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _bench.Connector.FetchPageAsync(new(_bench.Access, "payouts", null, false), cancel.Token));
    }

    [Fact]
    public async Task A_connection_that_names_no_account_needs_its_user() => Assert.Equal(ErrorClass.Consent,
        (await _bench.Connector.FetchPageAsync(new(new() { IntegrationId = default }, "payouts", null, false), StripeBench.Cancel)).Error!.Class);

    [Fact]
    public async Task Without_keys_nothing_is_called()
    {
        Replace(("STRIPE_CLIENT_ID", ""), ("STRIPE_CLIENT_SECRET", ""));
        Assert.Equal("provider_not_configured", (await ErrorOf("payouts")).Code);
        Assert.False((await _bench.Connector.TestAsync(_bench.Access, StripeBench.Cancel)).Success);
        Assert.Empty(_bench.Provider.Sent);
    }

    [Fact]
    public async Task A_connection_test_says_what_works_and_what_does_not()
    {
        _bench.Provider.Answer = (sent, _) => Task.FromResult(sent.Path == "/v1/balance"
            ? ScriptedProvider.Json("""{"error":{"message":"m"}}""", HttpStatusCode.Forbidden)
            : ScriptedProvider.Json("{}"));
        var test = await _bench.Connector.TestAsync(_bench.Access, StripeBench.Cancel);
        Assert.False(test.Success);
        Assert.Equal([("credentials", true), ("read_balance", false), ("read_transactions", true)], test.Checks.Select(c => (c.Name, c.Success)));
        Assert.Equal("permission_missing", test.Checks[1].Error!.Code);
    }

    public void Dispose() => _bench.Dispose();

    private static (ErrorClass, string) Kind(ProviderError error) => (error.Class, error.Code);

    private static HttpResponseMessage Cut(string body)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentLength = body.Length + 10;
        return new() { Content = content };
    }

    private async Task<ProviderError> ErrorOf(string stream) => (await _bench.FetchAsync(stream)).Error!;

    private void Replace(params (string, string)[] settings)
    {
        _bench.Dispose();
        _bench = new(settings);
    }

    private sealed class StalledStream : MemoryStream
    {
        public override bool CanSeek => false;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }
}
