using System.Globalization;
using System.Net;
using System.Text.Json;
using CsCheck;
using FinanceIntegrations.Domain.Money;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers.Stripe;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Stripe;

/// <summary>Orders as they go out, with a script in place of Stripe.</summary>
public sealed class StripeOrderTests : IDisposable
{
    private const string Paid = """{"id":"po_1","object":"payout","status":"pending"}""";
    private static readonly WriteMark Mark = new("ref1", "key-1", DateTimeOffset.UnixEpoch.AddDays(20_000));

    // Typed by hand from docs.stripe.com/currencies (stripe.md §4), so that a slip in StripeMoney does not pass.
    private static readonly string[] WithoutDecimals = ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];
    private static readonly string[] InThousandths = ["BHD", "JOD", "KWD", "OMR", "TND"];
    private static readonly string[] WholeThoughInHundredths = ["HUF", "ISK", "TWD", "UGX"];

    private static readonly Currency[] Currencies = [.. Currency.All];

    private static readonly Gen<decimal> Amounts = Gen.OneOf(
        Gen.Select(Gen.Long[-1_000, 100_000_000], Gen.Int[0, 5], (units, scale) => units / Power(scale)),
        Gen.Int[0, 1_000_000].Select(whole => (decimal)whole),
        Gen.Decimal);

    private readonly StripeBench _bench = new();

    private IWrites Writes => _bench.Registry.Writer(ProviderId.Stripe)!;

    [Fact]
    public void No_amount_of_any_currency_is_sent_with_another_value_than_ordered() =>
        Gen.Select(Gen.Int[0, Currencies.Length - 1].Select(i => Currencies[i]), Amounts).Sample((currency, amount) =>
        {
            using var bench = new StripeBench();
            bench.Provider.AnswerWith(() => ScriptedProvider.Json(Paid));
            var result = bench.Registry.Writer(ProviderId.Stripe)!
                .SendAsync(bench.Access, new CreatePayout(amount, currency.Code), Mark, OrderFiles.None, CancellationToken.None).GetAwaiter().GetResult();
            var decimals = WithoutDecimals.Contains(currency.Code) ? 0 : InThousandths.Contains(currency.Code) ? 3 : 2;
            var finest = WholeThoughInHundredths.Contains(currency.Code) ? 1m : decimals == 0 ? 1m : 0.01m;
            var payable = amount > 0 && amount % finest == 0 && amount <= long.MaxValue / Power(decimals);
            Assert.Equal(payable, result.Ok);
            if (!payable)
            {
                Assert.Equal((ErrorClass.Validation, "bad_amount"), (result.Error!.Class, result.Error.Code));
                Assert.Empty(bench.Provider.Sent);
                return;
            }
            var form = Assert.Single(bench.Provider.Sent).Form.ToDictionary(p => p.Name, p => p.Value);
            Assert.Equal(amount, decimal.Parse(form["amount"], NumberStyles.None, CultureInfo.InvariantCulture) / Power(decimals));
            Assert.Equal(currency.Code, form["currency"].ToUpperInvariant());
        }, iter: 2_000);

    [Theory]
    [InlineData("100.5", "HUF", null)]
    [InlineData("100", "HUF", "10000")]
    [InlineData("100.01", "TWD", null)]
    [InlineData("7", "ISK", "700")]
    [InlineData("7.5", "UGX", null)]
    [InlineData("1.235", "KWD", null)]
    [InlineData("1.23", "KWD", "1230")]
    [InlineData("1.5", "JPY", null)]
    [InlineData("1500", "JPY", "1500")]
    [InlineData("1.005", "GBP", null)]
    [InlineData("1.10", "GBP", "110")]
    [InlineData("0", "GBP", null)]
    [InlineData("-1", "GBP", null)]
    [InlineData("79228162514264337593543950335", "GBP", null)]
    public async Task A_currencys_own_rules_are_kept(string amount, string currency, string? minor)
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json(Paid));
        var result = await SendAsync(new CreatePayout(decimal.Parse(amount, CultureInfo.InvariantCulture), currency));
        Assert.Equal(minor is not null, result.Ok);
        Assert.Equal(minor is null ? [] : [minor], _bench.Provider.Sent.Select(s => s.Form.Single(p => p.Name == "amount").Value));
    }

    public static TheoryData<string, WriteOrder> Misfits => new()
    {
        { "unknown_currency", new CreatePayout(1, "ZZZ") },
        { "bad_method", new CreatePayout(1, "GBP", Method: "express") },
        { "bad_id", new CreatePayout(1, "GBP", "ba_1/../x") },
        { "description_too_long", new CreatePayout(1, "GBP", Description: new('x', 5001)) },
        { "bad_id", new CancelPayout("..") },
        { "bad_id", new CancelPayout("") },
        { "bad_id", new AcceptDispute("dp_1/close?x") },
        { "evidence_empty", new SubmitEvidence("dp_1", new() { Explanation = " " }) },
    };

    [Theory]
    [MemberData(nameof(Misfits))]
    public async Task What_cannot_be_ordered_is_refused_before_any_call(string code, WriteOrder order)
    {
        Assert.Equal((ErrorClass.Validation, code), Kind((await SendAsync(order)).Error!));
        Assert.Equal((ErrorClass.Validation, code), Kind((await LookUpAsync(order)).Error!));
        Assert.Empty(_bench.Provider.Sent);
    }

    [Theory]
    [InlineData(400, "parameter_unknown", ErrorClass.Validation, "parameter_unknown")]
    [InlineData(400, "balance_insufficient", ErrorClass.BusinessRule, "balance_insufficient")]
    [InlineData(400, null, ErrorClass.BusinessRule, "order_refused")]
    [InlineData(400, "rate_limit", ErrorClass.RateLimited, "rate_limit")]
    [InlineData(401, null, ErrorClass.Authentication, "unauthorized")]
    [InlineData(402, "payouts_not_allowed", ErrorClass.BusinessRule, "payouts_not_allowed")]
    [InlineData(403, "account_invalid", ErrorClass.Consent, "account_invalid")]
    [InlineData(404, "resource_missing", ErrorClass.Validation, "resource_missing")]
    [InlineData(409, "idempotency_key_in_use", ErrorClass.OutcomeUnknown, "idempotency_key_in_use")]
    [InlineData(409, null, ErrorClass.OutcomeUnknown, "conflict")]
    [InlineData(409, "lock_timeout", ErrorClass.ProviderUnavailable, "lock_timeout")]
    [InlineData(429, "lock_timeout", ErrorClass.ProviderUnavailable, "lock_timeout")]
    [InlineData(429, null, ErrorClass.RateLimited, "rate_limited")]
    [InlineData(500, null, ErrorClass.OutcomeUnknown, "http_500")]
    [InlineData(502, null, ErrorClass.OutcomeUnknown, "http_502")]
    [InlineData(503, null, ErrorClass.OutcomeUnknown, "http_503")]
    [InlineData(504, null, ErrorClass.OutcomeUnknown, "http_504")]
    public async Task Status_and_code_say_whether_it_can_have_happened(int status, string? code, ErrorClass expected, string expectedCode)
    {
        var codePart = code is null ? "" : $"\"code\":\"{code}\",";
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json($$$"""{"error":{{{{codePart}}}"message":"of Jane","type":"invalid_request_error"}}""", (HttpStatusCode)status));
        foreach (var order in Orders)
        {
            var error = (await SendAsync(order)).Error!;
            Assert.Equal((expected, expectedCode, status, "req_123"), (error.Class, error.Code, error.HttpStatus, error.RequestId));
            Assert.DoesNotContain("Jane", error.ToString(), StringComparison.Ordinal);
        }
        Assert.Equal(Orders.Length, _bench.Provider.Sent.Count);   // each once, whatever came
    }

    [Fact]
    public async Task A_failed_connection_has_not_happened_and_a_broken_one_may_have()
    {
        _bench.Provider.AnswerWith(() => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused"));
        Assert.Equal((ErrorClass.Network, "unreachable"), Kind((await SendAsync(Orders[0])).Error!));
        _bench.Provider.AnswerWith(() => throw new HttpRequestException(HttpRequestError.ResponseEnded, "ended"));
        Assert.Equal((ErrorClass.OutcomeUnknown, "connection_lost"), Kind((await SendAsync(Orders[0])).Error!));
        Assert.Equal(2, _bench.Provider.Sent.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("<html>Log in to the wifi</html>")]
    [InlineData("""{"id":"po_1","object":"payout"}""")]
    [InlineData("""{"id":"po_other","object":"charge","status":"pending"}""")]
    public async Task A_success_that_cannot_be_read_may_have_happened(string body)
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json(body));
        foreach (var order in Orders) Assert.Equal((ErrorClass.OutcomeUnknown, "unreadable_answer"), Kind((await SendAsync(order)).Error!));
    }

    [Fact]
    public async Task An_answer_longer_than_we_take_may_have_happened()
    {
        using var bench = new StripeBench(("Providers:Stripe:Limits:LongestBody", "1024"));
        bench.Provider.AnswerWith(() => ScriptedProvider.Json(Paid + new string(' ', 1025)));
        var result = await bench.Registry.Writer(ProviderId.Stripe)!.SendAsync(bench.Access, Orders[0], Mark, OrderFiles.None, StripeBench.Cancel);
        Assert.Equal((ErrorClass.OutcomeUnknown, "answer_too_long"), Kind(result.Error!));
    }

    [Fact]
    public async Task A_description_that_no_statement_takes_is_sent_as_a_description_only()
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json(Paid));
        foreach (var description in new[] { "longer than twenty-two!", "<b>", "naïve", "17", "Ann's" })
        {
            await SendAsync(new CreatePayout(1, "GBP", Description: description));
            Assert.Equal(description, _bench.Provider.Last.Form.Single(p => p.Name == "description").Value);
            Assert.DoesNotContain("statement_descriptor", _bench.Provider.Last.Form.Select(p => p.Name));
        }
    }

    [Fact]
    public async Task Every_order_fits_Stripes_description_and_carries_key_account_version_and_idempotency_key()
    {
        using var description = Specifications.ReadJson("stripe/openapi-2023-08-16.finance.json");
        var paths = description.RootElement.GetProperty("paths");
        var expected = new[] { "/v1/payouts", "/v1/payouts/{payout}/cancel", "/v1/disputes/{dispute}", "/v1/disputes/{dispute}/close" };
        foreach (var (order, template) in Orders.Zip(expected))
        {
            await SendAsync(order);
            var sent = _bench.Provider.Last;
            Assert.Equal((HttpMethod.Post, "api.stripe.com", template.Replace("{payout}", "po_1", StringComparison.Ordinal).Replace("{dispute}", "dp_1", StringComparison.Ordinal)),
                (sent.Method, sent.Address.Host, sent.Path));
            Assert.Empty(sent.Query);
            Assert.Equal(
                ["Authorization=Bearer sk_test_1", "Idempotency-Key=key-1", $"Stripe-Account={StripeBench.Account}", "Stripe-Version=2026-10-28.endive"],
                sent.Headers.Select(h => $"{h.Key}={h.Value}").Order(StringComparer.Ordinal));
            var schema = paths.GetProperty(template).GetProperty("post").GetProperty("requestBody").GetProperty("content")
                .GetProperty("application/x-www-form-urlencoded").GetProperty("schema");
            foreach (var (name, value) in sent.Form) Fits(schema, name, value);
            if (schema.TryGetProperty("required", out var required))
                Assert.Subset(sent.Form.Select(p => p.Name).ToHashSet(), required.EnumerateArray().Select(r => r.GetString()!).ToHashSet());
        }
        Assert.Equal("ref1", _bench.Provider.Sent[0].Form.Single(p => p.Name == "metadata[fi_reference]").Value);
        Assert.Equal("ref1", _bench.Provider.Sent[2].Form.Single(p => p.Name == "metadata[fi_reference]").Value);
        Assert.Equal("true", _bench.Provider.Sent[2].Form.Single(p => p.Name == "submit").Value);
    }

    [Fact]
    public async Task A_look_up_changes_nothing()
    {
        _bench.Provider.Answer = (sent, _) => Task.FromResult(sent.Path.Split('/').Length == 3
            ? _bench.List(false)
            : ScriptedProvider.Json(sent.Path.Contains("payout", StringComparison.Ordinal) ? Paid : """{"id":"dp_1","object":"dispute","status":"lost"}"""));
        foreach (var order in Orders) await LookUpAsync(order);
        Assert.Equal(["/v1/payouts", "/v1/payouts/po_1", "/v1/disputes/dp_1", "/v1/disputes/dp_1", "/v1/events"], _bench.Provider.Sent.Select(s => s.Path));
        Assert.All(_bench.Provider.Sent, s => Assert.Equal((HttpMethod.Get, ""), (s.Method, s.Body)));
        Assert.Equal((Mark.Since.ToUnixTimeSeconds() - 300).ToString(CultureInfo.InvariantCulture), _bench.Provider.Sent[0]["created[gte]"]);
    }

    [Fact]
    public async Task A_list_that_leads_to_itself_is_left()
    {
        _bench.Provider.AnswerWith(() => _bench.List(true, StripeBench.Payout("po_1", "paid")));
        Assert.Equal("pagination_stuck", (await LookUpAsync(Orders[0])).Error!.Code);
    }

    [Fact]
    public async Task A_connection_that_names_no_account_needs_its_user_and_is_not_called()
    {
        var access = new ProviderAccess { IntegrationId = default };
        Assert.Equal(ErrorClass.Consent, (await Writes.SendAsync(access, Orders[0], Mark, OrderFiles.None, StripeBench.Cancel)).Error!.Class);
        Assert.Equal(ErrorClass.Consent, (await Writes.LookUpAsync(access, Orders[0], Mark, StripeBench.Cancel)).Error!.Class);
        Assert.Empty(_bench.Provider.Sent);
    }

    [Fact]
    public void The_catalogue_says_what_can_be_ordered() =>
        Assert.Equal(Writes.Kinds.Order(StringComparer.Ordinal), StripeConnector.Facts.Writes.Order(StringComparer.Ordinal));

    public void Dispose() => _bench.Dispose();

    private static readonly WriteOrder[] Orders =
    [
        new CreatePayout(12.34m, "GBP", "ba_1", "standard", "Invoice 17"),
        new CancelPayout("po_1"),
        new SubmitEvidence("dp_1", new()
        {
            ProductDescription = "a", CustomerName = "b", CustomerEmail = "c@example.com", ServiceDate = "d", ShippingCarrier = "e", ShippingTrackingNumber = "f",
            RefundPolicy = "g", Explanation = "h",
        }),
        new AcceptDispute("dp_1"),
    ];

    private static decimal Power(int exponent) => exponent == 0 ? 1m : 10m * Power(exponent - 1);

    private static (ErrorClass, string) Kind(ProviderError error) => (error.Class, error.Code);

    private Task<ProviderResult<WriteReceipt>> SendAsync(WriteOrder order) => Writes.SendAsync(_bench.Access, order, Mark, OrderFiles.None, StripeBench.Cancel);

    private Task<ProviderResult<WriteSighting>> LookUpAsync(WriteOrder order) => Writes.LookUpAsync(_bench.Access, order, Mark, StripeBench.Cancel);

    private static void Fits(JsonElement schema, string name, string value)
    {
        var property = schema;
        foreach (var part in name.Split('[', ']').Where(p => p.Length > 0))
        {
            if (property.TryGetProperty("anyOf", out var options)) property = options.EnumerateArray().First(o => o.GetProperty("type").GetString() == "object");
            property = property.TryGetProperty("properties", out var fields) ? Field(fields, part, name) : property.GetProperty("additionalProperties");
        }
        switch (property.GetProperty("type").GetString())
        {
            case "integer":
                Assert.True(long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _), $"{name}={value}");
                break;
            case "boolean":
                Assert.Contains(value, new[] { "true", "false" });
                break;
            default:
                Assert.Equal("string", property.GetProperty("type").GetString());
                if (property.TryGetProperty("maxLength", out var longest)) Assert.InRange(value.Length, 1, longest.GetInt32());
                if (property.TryGetProperty("enum", out var words)) Assert.Contains(value, words.EnumerateArray().Select(w => w.GetString()));
                break;
        }
    }

    private static JsonElement Field(JsonElement fields, string part, string name)
    {
        Assert.True(fields.TryGetProperty(part, out var field), $"Stripe knows no {name}");
        return field;
    }
}
