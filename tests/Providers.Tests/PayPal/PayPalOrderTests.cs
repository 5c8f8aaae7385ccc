using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using FinanceIntegrations.Domain.Money;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers.PayPal;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.PayPal;

/// <summary>Orders as they go out, with a script in place of PayPal.</summary>
public sealed class PayPalOrderTests : IDisposable
{
    private const string Made = """{"batch_header":{"payout_batch_id":"5UXD2E8A7EBQJ","batch_status":"PENDING","sender_batch_header":{"sender_batch_id":"ref1"}}}""";
    private const string Detail = """{"batch_header":{"payout_batch_id":"B1","batch_status":"SUCCESS"},"items":[{"payout_item_id":"I1","transaction_status":"UNCLAIMED"}]}""";
    private const string Acted = """{"links":[{"href":"https://api-m.paypal.com/v1/customer/disputes/PP-D-1","rel":"self","method":"GET"}]}""";

    private static readonly WriteMark Mark = new("ref1", "key-1", new DateTimeOffset(2026, 11, 1, 11, 59, 0, TimeSpan.Zero));

    private static readonly Currency[] Currencies = [.. Currency.All];

    private static readonly Gen<decimal> Amounts = Gen.OneOf(
        Gen.Select(Gen.Long[-1_000, 100_000_000], Gen.Int[0, 5], (units, scale) => units / (decimal)Math.Pow(10, scale)), Gen.Decimal);

    private readonly PayPalBench _bench = new();

    internal static readonly DisputeEvidence Whole = new()
    {
        ProductDescription = "a",
        CustomerName = "b",
        CustomerEmail = "c@example.com",
        ServiceDate = "d",
        ShippingCarrier = "Royal Mail",
        ShippingTrackingNumber = "f",
        RefundPolicy = "g",
        Explanation = "h",
    };

    private static readonly WriteOrder[] Orders =
    [
        new CreatePayout(12.34m, "GBP", "jane@example.com", Description: "Invoice 17"), new CancelPayout("B1"), new SubmitEvidence("PP-D-1", Whole), new AcceptDispute("PP-D-1"),
    ];

    private IWrites Writes => _bench.Registry.Writer(ProviderId.PayPal)!;

    [Fact]
    public void No_amount_of_any_currency_is_sent_with_another_value_than_ordered() =>
        Gen.Select(Gen.Int[0, Currencies.Length - 1].Select(i => Currencies[i]), Amounts).Sample((currency, amount) =>
        {
            using var bench = new PayPalBench();
            bench.Provider.AnswerWith(() => ScriptedProvider.Json(Made));
            var result = bench.Registry.Writer(ProviderId.PayPal)!
                .SendAsync(bench.Access, new CreatePayout(amount, currency.Code, "jane@example.com"), Mark, OrderFiles.None, CancellationToken.None).GetAwaiter().GetResult();
            var decimals = currency.Code is "HUF" or "JPY" or "TWD" ? 0 : currency.Decimals;
            Assert.Equal(amount > 0 && decimal.Round(amount, decimals) == amount, result.Ok);
            if (!result.Ok)
            {
                Assert.Equal((ErrorClass.Validation, "bad_amount"), Kind(result.Error!));
                Assert.Empty(bench.Provider.Sent);
                return;
            }
            var sent = JsonNode.Parse(bench.Provider.Last.Body)!["items"]![0]!["amount"]!;
            Assert.Equal(currency.Code, (string?)sent["currency"]);
            Assert.Equal(amount, decimal.Parse((string)sent["value"]!, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture));
        }, iter: 1_000);

    [Theory]
    [InlineData("100.5", "HUF", null)]
    [InlineData("100", "TWD", "100")]
    [InlineData("1.5", "JPY", null)]
    [InlineData("1500", "JPY", "1500")]
    [InlineData("1.1", "GBP", "1.10")]
    [InlineData("1.005", "GBP", null)]
    [InlineData("0", "GBP", null)]
    public async Task A_currencys_own_rules_are_kept(string amount, string currency, string? value)
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json(Made));
        var result = await SendAsync(new CreatePayout(decimal.Parse(amount, CultureInfo.InvariantCulture), currency, "jane@example.com"));
        Assert.Equal(value is not null, result.Ok);
        if (value is not null) Assert.Equal(value, (string?)JsonNode.Parse(_bench.Provider.Last.Body)!["items"]![0]!["amount"]!["value"]);
    }

    public static TheoryData<string, WriteOrder> Misfits => new()
    {
        { "unknown_currency", new CreatePayout(1, "ZZZ", "jane@example.com") },
        { "destination_missing", new CreatePayout(1, "GBP") },
        { "bad_destination", new CreatePayout(1, "GBP", "jane") },
        { "bad_destination", new CreatePayout(1, "GBP", "jane@example.com\nBcc: x@example.com") },
        { "bad_destination", new CreatePayout(1, "GBP", new string('j', 120) + "@example.com") },
        { "bad_method", new CreatePayout(1, "GBP", "jane@example.com", "instant") },
        { "description_too_long", new CreatePayout(1, "GBP", "jane@example.com", Description: new('x', 4001)) },
        { "description_too_long", new CreatePayout(1, "GBP", "jane@example.com", Description: new('ü', 1001)) },
        { "bad_id", new CancelPayout("..") },
        { "bad_id", new CancelPayout("") },
        { "bad_id", new AcceptDispute("PP-D-1/accept-claim?x") },
        { "bad_id", new SubmitEvidence("../x", new() { Explanation = "a" }) },
        { "evidence_empty", new SubmitEvidence("PP-D-1", new() { Explanation = " " }) },
        { "evidence_too_long", new SubmitEvidence("PP-D-1", new() { Explanation = new('x', 1_990) }) },
        { "evidence_too_long", new SubmitEvidence("PP-D-1", new() { ShippingTrackingNumber = new('x', 256) }) },
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
    [InlineData(400, """{"name":"VALIDATION_ERROR","details":[{"field":"items[0].receiver","issue":"Receiver is invalid"}]}""", ErrorClass.Validation, "VALIDATION_ERROR")]
    [InlineData(400, """{"name":"USER_BUSINESS_ERROR","details":[{"field":"SENDER_BATCH_ID","issue":"Duplicate batch request"}]}""", ErrorClass.OutcomeUnknown, "batch_exists")]
    [InlineData(400, """{"name":"USER_BUSINESS_ERROR","message":"of Jane"}""", ErrorClass.BusinessRule, "USER_BUSINESS_ERROR")]
    [InlineData(401, """{"error":"invalid_token"}""", ErrorClass.Authentication, "invalid_token")]
    [InlineData(403, """{"name":"NOT_AUTHORIZED"}""", ErrorClass.BusinessRule, "NOT_AUTHORIZED")]
    [InlineData(404, """{"name":"RESOURCE_NOT_FOUND"}""", ErrorClass.Validation, "RESOURCE_NOT_FOUND")]
    [InlineData(409, """{"name":"RESOURCE_CONFLICT"}""", ErrorClass.OutcomeUnknown, "RESOURCE_CONFLICT")]
    [InlineData(422, """{"name":"INSUFFICIENT_FUNDS"}""", ErrorClass.BusinessRule, "INSUFFICIENT_FUNDS")]
    [InlineData(429, """{"name":"RATE_LIMIT_REACHED"}""", ErrorClass.RateLimited, "RATE_LIMIT_REACHED")]
    [InlineData(500, """{"name":"INTERNAL_SERVER_ERROR"}""", ErrorClass.OutcomeUnknown, "INTERNAL_SERVER_ERROR")]
    [InlineData(502, "<html>", ErrorClass.OutcomeUnknown, "http_502")]
    [InlineData(503, """{"name":"SERVICE_UNAVAILABLE"}""", ErrorClass.OutcomeUnknown, "SERVICE_UNAVAILABLE")]
    public async Task Status_and_name_say_whether_it_can_have_happened(int status, string body, ErrorClass expected, string code)
    {
        AnswerOrder(() => ScriptedProvider.Json(body, (HttpStatusCode)status));
        foreach (var order in Orders)
        {
            var error = (await SendAsync(order)).Error!;
            Assert.Equal((expected, code, (int?)status), (error.Class, error.Code, error.HttpStatus));
            Assert.DoesNotContain("Jane", error.ToString(), StringComparison.Ordinal);
        }
        Assert.Equal(Orders.Length, _bench.Provider.Sent.Count(sent => sent.Method == HttpMethod.Post));   // each once, whatever came
    }

    [Fact]
    public async Task A_failed_connection_has_not_happened_and_a_broken_one_may_have()
    {
        foreach (var order in Orders)
        {
            AnswerOrder(() => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused"));
            Assert.Equal((ErrorClass.Network, "unreachable"), Kind((await SendAsync(order)).Error!));
            AnswerOrder(() => throw new HttpRequestException(HttpRequestError.ResponseEnded, "ended"));
            Assert.Equal((ErrorClass.OutcomeUnknown, "connection_lost"), Kind((await SendAsync(order)).Error!));
        }
        Assert.Equal(2 * Orders.Length, _bench.Provider.Sent.Count(sent => sent.Method == HttpMethod.Post));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("<html>Log in to the wifi</html>")]
    [InlineData("""{"batch_header":{"payout_batch_id":"B2","batch_status":"PENDING","sender_batch_header":{"sender_batch_id":"another"}}}""")]
    [InlineData("""{"payout_item_id":"I1","transaction_status":"UNCLAIMED"}""")]
    [InlineData("""{"links":[{"href":"https://api-m.paypal.com/v1/customer/disputes/PP-D-2"}]}""")]
    public async Task A_success_that_cannot_be_read_may_have_happened(string body)
    {
        AnswerOrder(() => ScriptedProvider.Json(body));
        foreach (var order in Orders) Assert.Equal((ErrorClass.OutcomeUnknown, "unreadable_answer"), Kind((await SendAsync(order)).Error!));
    }

    [Fact]
    public async Task What_goes_before_the_deciding_call_changes_nothing_and_its_failure_says_so()
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json("{}", HttpStatusCode.BadGateway));
        foreach (var order in Orders[1..]) Assert.Equal(ErrorClass.ProviderUnavailable, (await SendAsync(order)).Error!.Class);
        Assert.DoesNotContain(_bench.Provider.Sent, sent => sent.Method == HttpMethod.Post);
    }

    [Fact]
    public async Task Every_order_is_one_that_PayPals_descriptions_know()
    {
        var (payouts, disputes) = (new Published("paypal/payments_payouts_batch_v1.json"), new Published("paypal/customer_disputes_v1.json"));
        Answer(Good);
        foreach (var order in Orders) Assert.True((await SendAsync(order)).Ok, order.Kind);
        var sent = _bench.Provider.Sent.Where(one => one.Method == HttpMethod.Post).ToList();
        Assert.Equal(
            ["/v1/payments/payouts", "/v1/payments/payouts-item/I1/cancel", "/v1/customer/disputes/PP-D-1/provide-evidence", "/v1/customer/disputes/PP-D-1/accept-claim"],
            sent.Select(one => one.Path));
        Assert.All(sent, one =>
        {
            Assert.Equal(("api-m.paypal.com", "Bearer A21AA1"), (one.Address.Host, one.Headers["Authorization"]));
            Assert.Equal(one.Path.EndsWith("cancel", StringComparison.Ordinal) ? null : "key-1", one.Headers.GetValueOrDefault("PayPal-Request-Id"));
            Assert.True(one.Headers.ContainsKey("PayPal-Auth-Assertion"));
        });
        payouts.Operation("post", "/v1/payments/payouts-item/{payout_item_id}/cancel");
        payouts.Fits(JsonNode.Parse(sent[0].Body), "create_payout_request");
        var item = JsonNode.Parse(sent[0].Body)!["items"]![0]!;
        Assert.Equal(("ref1", "ref1", "EMAIL", "Invoice 17"),
            ((string?)JsonNode.Parse(sent[0].Body)!["sender_batch_header"]!["sender_batch_id"], (string?)item["sender_item_id"], (string?)item["recipient_type"], (string?)item["note"]));

        Assert.Equal("multipart/form-data", sent[2].MediaType);
        Assert.NotNull(disputes.Operation("post", "/v1/customer/disputes/{id}/provide-evidence")["requestBody"]);
        var input = Assert.Single(sent[2].Parts);
        Assert.Equal(("input", "application/json"), (input.Name, input.MediaType));
        var pieces = JsonNode.Parse(input.Text)!["evidences"]!.AsArray();
        Assert.All(pieces, piece => disputes.Fits(piece, "evidence"));
        Assert.Equal(["PROOF_OF_FULFILLMENT", "ITEM_DESCRIPTION", "RETURN_POLICY", "OTHER"], pieces.Select(piece => (string)piece!["evidence_type"]!));
        Assert.Equal("ROYAL_MAIL", (string?)pieces[0]!["evidence_info"]!["tracking_info"]![0]!["carrier_name"]);
        Assert.Equal("h\nCustomer: b\nE-mail: c@example.com\nDate of service: d\nReference: ref1", (string?)pieces[3]!["notes"]);

        disputes.Operation("post", "/v1/customer/disputes/{id}/accept-claim");
        var accepted = JsonNode.Parse(sent[3].Body)!;
        disputes.Fits(accepted["accept_claim_type"], "accept_claim_type");
    }

    [Fact]
    public async Task A_payer_id_is_paid_as_one()
    {
        _bench.Provider.AnswerWith(() => ScriptedProvider.Json(Made));
        Assert.True((await SendAsync(new CreatePayout(1, "GBP", "G83JXTJ5EHCQ2"))).Ok);
        Assert.Equal("PAYPAL_ID", (string?)JsonNode.Parse(_bench.Provider.Last.Body)!["items"]![0]!["recipient_type"]);
    }

    [Fact]
    public async Task Files_go_with_the_evidence_and_their_names_are_such_as_PayPal_takes()
    {
        var disputes = new Published("paypal/customer_disputes_v1.json");
        Answer(Good);
        var files = new OrderFiles();
        EvidenceFile[] ordered = [.. EvidencePurposes.All.Select((purpose, place) => Described(purpose, place))];
        Assert.True((await Writes.SendAsync(_bench.Access, new SubmitEvidence("PP-D-1", new() { ShippingCarrier = "Hermes", Files = ordered }), Mark, files, PayPalBench.Cancel)).Ok);
        var parts = _bench.Provider.Last.Parts;
        Assert.Equal(["file 0", "file 1", "file 2", "file 3", "file 4", "file 5"], parts.Skip(1).Select(part => part.Text));
        Assert.All(parts.Skip(1), part => Assert.Equal(("evidence-file", "image/png"), (part.Name, part.MediaType)));
        var pieces = JsonNode.Parse(parts[0].Text)!["evidences"]!.AsArray();
        Assert.All(pieces, piece => disputes.Fits(piece, "evidence"));
        Assert.Equal(parts.Skip(1).Select(part => part.FileName).Order(), pieces.SelectMany(piece => piece!["documents"]!.AsArray()).Select(document => (string?)document!["name"]).Order());
        Assert.Equal(["ADDITIONAL_PROOF_OF_SHIPMENT", "ITEM_DESCRIPTION", "RETURN_POLICY", "PROOF_OF_RECEIPT_COPY", "OTHER"], pieces.Select(piece => (string)piece!["evidence_type"]!));

        EvidenceFile Described(string purpose, int place)
        {
            var (id, bytes) = (Guid.CreateVersion7(), System.Text.Encoding.UTF8.GetBytes($"file {place}"));
            files.With(id, bytes);
            return OrderFiles.Describe(id, purpose, "Beleg; \"Nr. 7\"\r\n.tar.gz", "image/png", bytes);
        }
    }

    [Fact]
    public async Task A_look_up_changes_nothing()
    {
        Answer(sent => sent.Path.EndsWith("/webhooks-events", StringComparison.Ordinal) ? ScriptedProvider.Json("""{"events":[]}""") : Good(sent));
        foreach (var order in Orders) await LookUpAsync(order);
        const string Events = "/v1/notifications/webhooks-events";
        Assert.Equal([Events, Events, Events, "/v1/payments/payouts/B1", "/v1/customer/disputes/PP-D-1", "/v1/customer/disputes/PP-D-1"], _bench.Provider.Sent.Select(s => s.Path));
        Assert.All(_bench.Provider.Sent, s => Assert.Equal((HttpMethod.Get, ""), (s.Method, s.Body)));
        var asked = _bench.Provider.Sent[0];
        Assert.Equal(("2026-11-01T11:54:00Z", "2026-11-01T12:00:00Z"), (asked["start_time"], asked["end_time"]));
        Assert.False(asked.Headers.ContainsKey("PayPal-Auth-Assertion"));   // events are the app's
        var parameters = new Published("paypal/notifications_webhooks_v1.json").Operation("get", Events)["parameters"]!.AsArray().Select(p => ((string)p!["$ref"]!).Split('/')[^1]).ToHashSet();
        Assert.Subset(parameters, asked.Query.Select(p => p.Name).ToHashSet());
    }

    [Fact]
    public async Task Holes_in_what_PayPal_shows_are_no_sign_of_anything()
    {
        Answer(sent => ScriptedProvider.Json(sent.Path.Split('/')[^1] switch
        {
            "webhooks-events" => """{"events":[null],"links":[null]}""",
            "B1" => """{"batch_header":{"payout_batch_id":"B1","batch_status":"SUCCESS"},"items":[null]}""",
            _ => PayPalBench.Dispute("PP-D-1")[..^1] + ""","evidences":[null]}""",
        }));
        Assert.Equal(["batch_unseen", "nothing", "nothing", "nothing"], await Task.WhenAll(Orders.Select(async order => Told(await LookUpAsync(order)))));
        AnswerOrder(() => ScriptedProvider.Json("""{"links":[null]}"""));
        foreach (var order in Orders) Assert.Equal(ErrorClass.OutcomeUnknown, (await SendAsync(order)).Error!.Class);
    }

    [Fact]
    public async Task A_list_of_events_that_leads_to_itself_is_left()
    {
        Answer(_ => ScriptedProvider.Json("""{"events":[],"links":[{"rel":"next","href":"https://api-m.paypal.com/v1/notifications/webhooks-events?page=2"}]}"""));
        Assert.Equal("pagination_stuck", (await LookUpAsync(Orders[0])).Error!.Code);
        Assert.Equal("api-m.paypal.com", _bench.Provider.Last.Address.Host);
    }

    [Theory]
    [InlineData("WAITING_FOR_SELLER_RESPONSE", null, null, "nothing")]
    [InlineData("WAITING_FOR_SELLER_RESPONSE", "SUBMITTED_BY_SELLER", "h\nReference: another", "nothing")]
    [InlineData("WAITING_FOR_SELLER_RESPONSE", "SUBMITTED_BY_SELLER", "h\nReference: ref1", "needs_response")]   // PayPal asks for more
    [InlineData("UNDER_REVIEW", "SUBMITTED_BY_SELLER", "h\nReference: ref1", "under_review")]
    [InlineData("UNDER_REVIEW", "SUBMITTED_BY_BUYER", "h\nReference: ref1", "evidence_unseen")]
    [InlineData("UNDER_REVIEW", "SUBMITTED_BY_SELLER", null, "evidence_unseen")]
    [InlineData("UNDER_REVIEW", null, null, "evidence_unseen")]
    [InlineData("RESOLVED", null, null, "evidence_unseen")]
    public async Task Evidence_is_told_to_be_there_or_not_only_where_PayPal_shows_it(string status, string? source, string? notes, string seen)
    {
        var evidence = source is null ? "" : $$""","evidences":[{"evidence_type":"OTHER","source":"{{source}}"{{(notes is null ? "" : $",\"notes\":{JsonSerializer.Serialize(notes)}")}}}]""";
        Answer(_ => ScriptedProvider.Json(PayPalBench.Dispute("PP-D-1", status)[..^1] + evidence + "}"));
        Assert.Equal(seen, Told(await LookUpAsync(Orders[2])));
    }

    [Theory]
    [InlineData("WAITING_FOR_SELLER_RESPONSE", null, "2026-11-01T11:59:30.000Z", "nothing")]
    [InlineData("UNDER_REVIEW", null, "2026-11-01T11:59:30.000Z", "nothing")]
    [InlineData("RESOLVED", "RESOLVED_BUYER_FAVOUR", "2026-11-01T11:59:30.000Z", "lost")]
    [InlineData("RESOLVED", "RESOLVED_BUYER_FAVOUR", "2026-10-30T11:59:30.000Z", "nothing")]   // before the order
    [InlineData("RESOLVED", "RESOLVED_SELLER_FAVOUR", "2026-11-01T11:59:30.000Z", "nothing")]
    public async Task A_dispute_is_told_to_be_given_up_only_where_it_was_lost_since(string status, string? outcome, string updated, string seen)
    {
        Answer(_ => ScriptedProvider.Json(PayPalBench.Dispute("PP-D-1", status, outcome, updated)));
        Assert.Equal(seen, Told(await LookUpAsync(Orders[3])));
    }

    [Theory]
    [InlineData("SUCCESS", "SUCCESS", "paid")]
    [InlineData("SUCCESS", "UNCLAIMED", "in_transit")]
    [InlineData("SUCCESS", "FAILED", "failed")]
    [InlineData("SUCCESS", "RETURNED", "failed")]
    [InlineData("PROCESSING", null, "in_transit")]
    [InlineData("DENIED", null, "failed")]
    [InlineData("PENDING", null, "pending")]
    public async Task A_batch_that_PayPal_has_told_of_is_found_and_stands_as_its_item_does(string batch, string? item, string status)
    {
        var items = item is null ? "[]" : $$"""[{"payout_item_id":"I1","transaction_status":"{{item}}"}]""";
        Answer(sent => ScriptedProvider.Json(sent["event_type"] switch
        {
            null => $$"""{"batch_header":{"payout_batch_id":"B1","batch_status":"{{batch}}"},"items":{{items}}}""",
            "PAYMENT.PAYOUTSBATCH.DENIED" => """{"events":[{"resource":{"batch_header":{"payout_batch_id":"B1","batch_status":"DENIED","sender_batch_header":{"sender_batch_id":"ref1"}}}}]}""",
            _ => """{"events":[{"resource":{"batch_header":{"payout_batch_id":"B0","batch_status":"SUCCESS","sender_batch_header":{"sender_batch_id":"ref0"}}}}]}""",
        }));
        Assert.Equal(status, Told(await LookUpAsync(Orders[0])));
    }

    [Fact]
    public async Task A_connection_that_names_no_account_needs_its_user_and_is_not_called()
    {
        var access = new ProviderAccess { IntegrationId = default };
        Assert.Equal(ErrorClass.Consent, (await Writes.SendAsync(access, Orders[0], Mark, OrderFiles.None, PayPalBench.Cancel)).Error!.Class);
        Assert.Equal(ErrorClass.Consent, (await Writes.LookUpAsync(access, Orders[0], Mark, PayPalBench.Cancel)).Error!.Class);
        Assert.Empty(_bench.Provider.Sent);
    }

    [Fact]
    public void The_catalogue_says_what_can_be_ordered() =>
        Assert.Equal(Writes.Kinds.Order(StringComparer.Ordinal), PayPalConnector.Facts.Writes.Order(StringComparer.Ordinal));

    public void Dispose() => _bench.Dispose();

    private static (ErrorClass, string) Kind(ProviderError error) => (error.Class, error.Code);

    private static string Told(ProviderResult<WriteSighting> seen) => seen.Error?.Code ?? seen.Value.Receipt?.Status ?? "nothing";

    private void Answer(Func<SentRequest, HttpResponseMessage> script) => _bench.Provider.Answer = (sent, _) => Task.FromResult(script(sent));

    /// <summary>What is asked before an order goes out is answered well; the order itself by the script.</summary>
    private void AnswerOrder(Func<HttpResponseMessage> script) => Answer(sent => sent.Method == HttpMethod.Get ? Good(sent) : script());

    private static HttpResponseMessage Good(SentRequest sent) => ScriptedProvider.Json(sent.Path.Split('/') switch
    {
        [.., "payouts"] => Made,
        [.., "payouts", _] => Detail,
        [.., "cancel"] => """{"payout_item_id":"I1","transaction_status":"RETURNED","payout_batch_id":"B1"}""",
        [.., "disputes", _] => PayPalBench.Dispute("PP-D-1"),
        _ => Acted,
    });

    private Task<ProviderResult<WriteReceipt>> SendAsync(WriteOrder order) => Writes.SendAsync(_bench.Access, order, Mark, OrderFiles.None, PayPalBench.Cancel);

    private Task<ProviderResult<WriteSighting>> LookUpAsync(WriteOrder order) => Writes.LookUpAsync(_bench.Access, order, Mark, PayPalBench.Cancel);
}
