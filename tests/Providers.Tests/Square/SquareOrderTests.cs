using System.Net;
using System.Text.Json.Nodes;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers.Square;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Square;

/// <summary>Orders as they go out, with a script in place of Square.</summary>
public sealed class SquareOrderTests : IDisposable
{
    private static readonly WriteMark Mark = new("ref1", "key-1", new DateTimeOffset(2026, 11, 1, 11, 59, 0, TimeSpan.Zero));

    internal static readonly DisputeEvidence Whole = new()
    {
        ProductDescription = "a",
        CustomerName = "b",
        CustomerEmail = "c@example.com",
        ServiceDate = "d",
        ShippingCarrier = "e",
        ShippingTrackingNumber = "f",
        RefundPolicy = "g",
        Explanation = "h",
    };

    private static readonly WriteOrder[] Orders = [new SubmitEvidence("dp1", Whole), new AcceptDispute("dp1")];

    private readonly SquareBench _bench = new();

    private IWrites Writes => _bench.Registry.Writer(ProviderId.Square)!;

    public static TheoryData<string, WriteOrder> Misfits => new()
    {
        { "order_unknown", new CreatePayout(1, "GBP") },
        { "order_unknown", new CancelPayout("po1") },
        { "bad_id", new AcceptDispute("..") },
        { "bad_id", new AcceptDispute("") },
        { "bad_id", new SubmitEvidence("dp1/accept?x", new() { Explanation = "a" }) },
        { "evidence_empty", new SubmitEvidence("dp1", new() { Explanation = " " }) },
        { "evidence_too_long", new SubmitEvidence("dp1", new() { Explanation = new('x', 501) }) },
        { "evidence_too_long", new SubmitEvidence("dp1", new() { CustomerEmail = new('x', 495) }) },
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
    [InlineData(400, "INVALID_REQUEST_ERROR", "BAD_REQUEST", ErrorClass.BusinessRule)]
    [InlineData(401, "AUTHENTICATION_ERROR", "ACCESS_TOKEN_EXPIRED", ErrorClass.Authentication)]
    [InlineData(403, "AUTHENTICATION_ERROR", "INSUFFICIENT_SCOPES", ErrorClass.Consent)]
    [InlineData(403, "AUTHENTICATION_ERROR", "FORBIDDEN", ErrorClass.BusinessRule)]
    [InlineData(404, "INVALID_REQUEST_ERROR", "NOT_FOUND", ErrorClass.Validation)]
    [InlineData(408, "INVALID_REQUEST_ERROR", "REQUEST_TIMEOUT", ErrorClass.OutcomeUnknown)]
    [InlineData(429, "RATE_LIMIT_ERROR", "RATE_LIMITED", ErrorClass.RateLimited)]
    [InlineData(500, "API_ERROR", "INTERNAL_SERVER_ERROR", ErrorClass.OutcomeUnknown)]
    [InlineData(503, "API_ERROR", "SERVICE_UNAVAILABLE", ErrorClass.OutcomeUnknown)]
    [InlineData(504, "API_ERROR", "GATEWAY_TIMEOUT", ErrorClass.OutcomeUnknown)]
    public async Task Status_and_code_of_the_deciding_call_say_whether_it_can_have_happened(int status, string category, string code, ErrorClass expected)
    {
        AnswerDeciding(() => ScriptedProvider.Json($$"""{"errors":[{"category":"{{category}}","code":"{{code}}","detail":"of Jane"}]}""", (HttpStatusCode)status));
        foreach (var order in Orders)
        {
            var error = (await SendAsync(order)).Error!;
            Assert.Equal((expected, code, (int?)status), (error.Class, error.Code, error.HttpStatus));
            Assert.DoesNotContain("Jane", error.ToString(), StringComparison.Ordinal);
        }
        Assert.Equal(Orders.Length, _bench.Provider.Sent.Count(IsDeciding));   // each once, whatever came
    }

    [Fact]
    public async Task A_failed_connection_has_not_happened_and_a_broken_one_may_have()
    {
        foreach (var order in Orders)
        {
            AnswerDeciding(() => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused"));
            Assert.Equal((ErrorClass.Network, "unreachable"), Kind((await SendAsync(order)).Error!));
            AnswerDeciding(() => throw new HttpRequestException(HttpRequestError.ResponseEnded, "ended"));
            Assert.Equal((ErrorClass.OutcomeUnknown, "connection_lost"), Kind((await SendAsync(order)).Error!));
        }
    }

    [Fact]
    public async Task What_goes_before_the_deciding_call_submits_nothing_whatever_becomes_of_it()
    {
        foreach (var path in new[] { "/evidence-text", "/evidence-files" })
        {
            var files = new OrderFiles();
            var file = OrderFiles.Describe(Guid.CreateVersion7(), EvidencePurposes.Receipt, "r.pdf", "application/pdf", "x"u8.ToArray());
            files.With(file.Id, "x"u8.ToArray());
            _bench.Provider.Answer = (sent, _) => sent.Path.EndsWith(path, StringComparison.Ordinal)
                ? throw new HttpRequestException(HttpRequestError.ResponseEnded, "ended")
                : Task.FromResult(Good(sent));
            var error = (await Writes.SendAsync(_bench.Access, new SubmitEvidence("dp1", Whole with { Files = [file] }), Mark, files, SquareBench.Cancel)).Error!;
            Assert.Equal((ErrorClass.ProviderUnavailable, "connection_lost"), Kind(error));
        }
        Assert.DoesNotContain(_bench.Provider.Sent, IsDeciding);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("<html>Log in to the wifi</html>")]
    [InlineData("""{"dispute":{"id":"dp2","state":"PROCESSING"}}""")]
    [InlineData("""{"dispute":{"id":"dp1","state":"EVIDENCE_REQUIRED"}}""")]
    public async Task A_success_that_cannot_be_read_may_have_happened(string body)
    {
        AnswerDeciding(() => ScriptedProvider.Json(body));
        foreach (var order in Orders) Assert.Equal((ErrorClass.OutcomeUnknown, "unreadable_answer"), Kind((await SendAsync(order)).Error!));
    }

    [Fact]
    public async Task Every_call_is_one_that_Squares_description_knows()
    {
        var description = new Published("square/api.finance.json");
        _bench.Provider.Answer = (sent, _) => Task.FromResult(Good(sent));
        foreach (var order in Orders) Assert.True((await SendAsync(order)).Ok, order.Kind);
        foreach (var sent in _bench.Provider.Sent)
        {
            Assert.Equal(("Bearer EAAA1", "2025-08-20"), (sent.Headers["Authorization"], sent.Headers["Square-Version"]));
            RequestFits(description, sent.Method == HttpMethod.Get ? "get" : "post", sent.Path.Replace("/dp1", "/{dispute_id}", StringComparison.Ordinal), sent);
        }
        var texts = _bench.Provider.Sent.Where(sent => sent.Path.EndsWith("/evidence-text", StringComparison.Ordinal)).Select(sent => JsonNode.Parse(sent.Body)!).ToList();
        Assert.Equal(
            ["h", "a", "Name: b", "E-mail: c@example.com", "Date of service: d", "Carrier: e", "f", "g", "Reference: ref1"],
            texts.Select(text => (string)text["evidence_text"]!));
        Assert.Equal(texts.Count, texts.Select(text => (string)text["idempotency_key"]!).Distinct().Count());
        Assert.Equal(["/v2/disputes/dp1/submit-evidence", "/v2/disputes/dp1/accept"], _bench.Provider.Sent.Where(IsDeciding).Select(sent => sent.Path));
    }

    [Theory]
    [InlineData("EVIDENCE_REQUIRED", "", "nothing")]
    [InlineData("EVIDENCE_REQUIRED", """{"evidence_text":"Reference: ref1"}""", "nothing")]   // uploaded, not submitted
    [InlineData("INQUIRY_EVIDENCE_REQUIRED", "", "nothing")]
    [InlineData("PROCESSING", """{"evidence_text":"Reference: ref1"}""", "under_review")]
    [InlineData("PROCESSING", """{"evidence_type":"REBUTTAL_EXPLANATION","uploaded_at":"2026-11-01T11:59:03.000Z"}""", "under_review")]   // the text is not shown again
    [InlineData("PROCESSING", """{"evidence_text":"Reference: ref0","uploaded_at":"2026-11-01T11:59:03.000Z"}""", "evidence_unseen")]
    [InlineData("PROCESSING", """{"evidence_type":"REBUTTAL_EXPLANATION","uploaded_at":"2026-10-30T11:59:03.000Z"}""", "evidence_unseen")]
    [InlineData("WON", """{"evidence_text":"Reference: ref1"}""", "won")]
    [InlineData("LOST", "", "evidence_unseen")]
    [InlineData("LOST", "null", "evidence_unseen")]
    public async Task Evidence_is_told_to_be_submitted_only_where_the_dispute_has_ours_and_waits_no_more(string state, string evidence, string seen)
    {
        _bench.Answer(sent => sent.Path.EndsWith("/evidence", StringComparison.Ordinal) ? $$"""{"evidence":[{{evidence}}]}""" : $$"""{"dispute":{{SquareBench.Dispute("dp1", state)}}}""");
        Assert.Equal(seen, Told(await LookUpAsync(Orders[0])));
        Assert.All(_bench.Provider.Sent, sent => Assert.Equal((HttpMethod.Get, ""), (sent.Method, sent.Body)));
    }

    [Fact]
    public async Task Evidence_is_found_on_whatever_page_it_stands_and_a_list_that_leads_to_itself_is_left()
    {
        _bench.Answer(sent => !sent.Path.EndsWith("/evidence", StringComparison.Ordinal) ? $$"""{"dispute":{{SquareBench.Dispute("dp1", "PROCESSING")}}}"""
            : sent["cursor"] is null ? """{"evidence":[],"cursor":"c1"}""" : """{"evidence":[{"evidence_text":"Reference: ref1"}]}""");
        Assert.Equal("under_review", Told(await LookUpAsync(Orders[0])));
        _bench.Answer(sent => sent.Path.EndsWith("/evidence", StringComparison.Ordinal) ? """{"cursor":"c1"}""" : $$"""{"dispute":{{SquareBench.Dispute("dp1", "PROCESSING")}}}""");
        Assert.Equal("pagination_stuck", Told(await LookUpAsync(Orders[0])));
    }

    [Theory]
    [InlineData("EVIDENCE_REQUIRED", "2026-11-01T11:59:30.000Z", "nothing")]
    [InlineData("PROCESSING", "2026-11-01T11:59:30.000Z", "nothing")]
    [InlineData("LOST", "2026-11-01T11:59:30.000Z", "nothing")]
    [InlineData("ACCEPTED", "2026-11-01T11:59:30.000Z", "lost")]
    [InlineData("ACCEPTED", "2026-10-30T11:59:30.000Z", "nothing")]   // before the order
    public async Task A_dispute_is_told_to_be_given_up_only_where_it_was_since(string state, string updated, string seen)
    {
        _bench.Answer(_ => $$$"""{"dispute":{"id":"dp1","state":"{{{state}}}","updated_at":"{{{updated}}}"}}""");
        Assert.Equal(seen, Told(await LookUpAsync(Orders[1])));
    }

    [Fact]
    public async Task A_connection_without_a_token_needs_its_user_and_is_not_called()
    {
        var access = new ProviderAccess { IntegrationId = default, ExternalAccountId = SquareBench.Seller };
        Assert.Equal(ErrorClass.Consent, (await Writes.SendAsync(access, Orders[0], Mark, OrderFiles.None, SquareBench.Cancel)).Error!.Class);
        Assert.Equal(ErrorClass.Consent, (await Writes.LookUpAsync(access, Orders[0], Mark, SquareBench.Cancel)).Error!.Class);
        Assert.Empty(_bench.Provider.Sent);
    }

    [Fact]
    public void Sellers_are_asked_for_the_writing_scope_only_where_a_switch_lets_disputes_be_answered()
    {
        Assert.DoesNotContain("DISPUTES_WRITE", ScopesOf(), StringComparison.Ordinal);
        Assert.DoesNotContain("DISPUTES_WRITE", ScopesOf(("FeatureManagement:provider_square_accept_dispute", "false")), StringComparison.Ordinal);
        Assert.EndsWith(" DISPUTES_WRITE", ScopesOf(("FeatureManagement:provider_square_accept_dispute", "true")), StringComparison.Ordinal);

        static string ScopesOf(params (string, string)[] settings)
        {
            using var bench = new SquareBench(settings);
            return System.Web.HttpUtility.ParseQueryString(bench.Auth.AuthorizationUrl(new("s", new("https://x/"), null)).Query)["scope"]!;
        }
    }

    [Fact]
    public void The_catalogue_says_what_can_be_ordered() =>
        Assert.Equal(Writes.Kinds.Order(StringComparer.Ordinal), SquareConnector.Facts.Writes.Order(StringComparer.Ordinal));

    public void Dispose() => _bench.Dispose();

    internal static void RequestFits(Published description, string method, string path, SentRequest sent)
    {
        if (description.Operation(method, path)["requestBody"]?["content"] is not JsonObject content)
        {
            Assert.Equal("", sent.Body);
            return;
        }
        var schema = content[sent.MediaType!]!["schema"]!;
        if (sent.MediaType != "multipart/form-data")
        {
            description.Fits(JsonNode.Parse(sent.Body), schema, path);
            return;
        }
        Assert.Equal(["image_file", "request"], sent.Parts.Select(part => part.Name).Order());
        description.Fits(JsonNode.Parse(sent.Parts[0].Text), "CreateDisputeEvidenceFileRequest");
        description.Fits(new JsonObject { ["filename"] = sent.Parts[1].FileName, ["filetype"] = sent.Parts[1].MediaType }, "DisputeEvidenceFile");
    }

    private static bool IsDeciding(SentRequest sent) => sent.Path.EndsWith("/submit-evidence", StringComparison.Ordinal) || sent.Path.EndsWith("/accept", StringComparison.Ordinal);

    private void AnswerDeciding(Func<HttpResponseMessage> script) => _bench.Provider.Answer = (sent, _) => Task.FromResult(IsDeciding(sent) ? script() : Good(sent));

    private static HttpResponseMessage Good(SentRequest sent) => ScriptedProvider.Json(sent.Path.Split('/')[^1] switch
    {
        "evidence-text" or "evidence-files" => """{"evidence":{"id":"e1"}}""",
        "submit-evidence" => """{"dispute":{"id":"dp1","state":"PROCESSING"}}""",
        "accept" => """{"dispute":{"id":"dp1","state":"ACCEPTED"}}""",
        _ => $$"""{"dispute":{{SquareBench.Dispute("dp1", "EVIDENCE_REQUIRED")}}}""",
    });

    private static (ErrorClass, string) Kind(ProviderError error) => (error.Class, error.Code);

    private static string Told(ProviderResult<WriteSighting> seen) => seen.Error?.Code ?? seen.Value.Receipt?.Status ?? "nothing";

    private Task<ProviderResult<WriteReceipt>> SendAsync(WriteOrder order) => Writes.SendAsync(_bench.Access, order, Mark, OrderFiles.None, SquareBench.Cancel);

    private Task<ProviderResult<WriteSighting>> LookUpAsync(WriteOrder order) => Writes.LookUpAsync(_bench.Access, order, Mark, SquareBench.Cancel);
}
