using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Stripe;

/// <summary>Orders to the simulated Stripe: whatever happens on the way, each has its effect at most once, and is found again if it had it.</summary>
public sealed class StripeWriteTests(WriteBench bench) : IClassFixture<WriteBench>, IAsyncLifetime
{
    private static readonly CreatePayout OnePound = new(1.00m, "GBP", Description: "Invoice 17");

    [Fact]
    public async Task A_payout_is_made_as_ordered_with_our_reference()
    {
        var mark = bench.Mark();
        Assert.Null(await bench.SeenAsync(OnePound, mark));
        var receipt = await bench.DoneAsync(OnePound with { Amount = 12.34m, Method = "standard" }, mark);
        Assert.Equal("pending", receipt.Status);
        var row = await bench.RowAsync("payouts", receipt.ExternalId);
        Assert.Equal((1234, "gbp", "standard", "Invoice 17", "Invoice 17"),
            ((long)row["amount"]!, (string)row["currency"]!, (string)row["method"]!, (string)row["description"]!, (string)row["statement_descriptor"]!));
        Assert.False((bool)row["automatic"]!);
        Assert.Equal(receipt, await bench.SeenAsync(OnePound, mark));
        Assert.Equal(1, await bench.MadeAsync(mark));
    }

    [Fact]
    public async Task A_payout_is_called_back_while_it_is_pending_and_not_twice()
    {
        var made = await bench.DoneAsync(OnePound, bench.Mark());
        var (order, mark) = (new CancelPayout(made.ExternalId), bench.Mark());
        Assert.Null(await bench.SeenAsync(order, mark));
        var receipt = await bench.DoneAsync(order, mark);
        Assert.Equal(new(made.ExternalId, "canceled"), receipt);
        Assert.Equal(receipt, await bench.SeenAsync(order, mark));
        Assert.Equal((ErrorClass.BusinessRule, "order_refused"), Kind(await bench.ErrorAsync(order, bench.Mark())));
    }

    [Fact]
    public async Task Evidence_is_handed_in_with_every_word_and_our_reference()
    {
        var (order, mark) = (Evidence(await bench.AdvanceAsync("dispute")), bench.Mark());
        Assert.Null(await bench.SeenAsync(order, mark));
        var receipt = await bench.DoneAsync(order, mark);
        Assert.Equal(new(order.DisputeId, "under_review"), receipt);
        Assert.Equal(receipt, await bench.SeenAsync(order, mark));
        Assert.Null(await bench.SeenAsync(order, bench.Mark()));
        var row = await bench.RowAsync("disputes", order.DisputeId);
        Assert.Equal(1, (int)row["evidence_details"]!["submission_count"]!);
        Assert.Equal(
            ["A chair", "Ann Example", "ann@example.com", "2026-10-01", "Royal Mail", "RM1", "Within 30 days", "She has it"],
            new[]
            {
                "product_description", "customer_name", "customer_email_address", "service_date", "shipping_carrier", "shipping_tracking_number",
                "refund_policy_disclosure", "uncategorized_text",
            }.Select(field => (string?)row["evidence"]![field]));
        Assert.Equal((ErrorClass.BusinessRule, "order_refused"), Kind(await bench.ErrorAsync(order, bench.Mark())));
    }

    [Fact]
    public async Task Files_are_uploaded_byte_for_byte_and_named_by_the_evidence()
    {
        var dispute = await bench.AdvanceAsync("dispute");
        byte[] receipt = [.. "%PDF-1.7 "u8, 0, 1, 13, 10, 255], photo = [0xFF, 0xD8, 0xFF, .. new byte[100_000]];
        var order = new SubmitEvidence(dispute, new()
        {
            Explanation = "She has it",
            Files = [File("receipt", "Beleg für Ann.pdf", "application/pdf", receipt), File("other", "photo.jpg", "image/jpeg", photo)],
        });
        var mark = bench.Mark();
        Assert.Equal(new(dispute, "under_review"), await bench.DoneAsync(order, mark));
        var evidence = (await bench.RowAsync("disputes", dispute))["evidence"]!;
        foreach (var (field, name, content) in new[] { ("receipt", "Beleg für Ann.pdf", receipt), ("uncategorized_file", "photo.jpg", photo) })
        {
            var file = await bench.RowAsync("files", (string)evidence[field]!);
            Assert.Equal((name, "dispute_evidence", content.Length), ((string)file["filename"]!, (string)file["purpose"]!, (int)file["size"]!));
            Assert.Equal(content, await bench.ContentAsync((string)file["id"]!));
        }
        var files = (await bench.RowsAsync("files")).Count;
        Assert.True((await bench.SendAsync(order, mark)).Ok);   // nobody should, and it uploads nothing again
        Assert.Equal(files, (await bench.RowsAsync("files")).Count);
    }

    [Fact]
    public async Task Evidence_of_files_alone_is_handed_in()
    {
        var order = WithReceipt(await bench.AdvanceAsync("dispute"));
        var receipt = await bench.DoneAsync(order, bench.Mark());
        Assert.Equal("under_review", receipt.Status);
    }

    [Theory]
    [InlineData("lost", null)]
    [InlineData("cut", null)]
    [InlineData("status", 500)]
    [InlineData("status", 429)]
    public async Task An_upload_that_fails_is_an_order_that_has_not_happened_and_one_that_is_told_late_is_repeated(string fault, int? status)
    {
        var (order, mark) = (WithReceipt(await bench.AdvanceAsync("dispute")), bench.Mark());
        await bench.FaultAsync(fault, "POST", "/v1/files", status, times: -1);
        var error = await bench.ErrorAsync(order, mark);
        Assert.NotEqual(ErrorClass.OutcomeUnknown, error.Class);
        await bench.NoFaultsAsync();
        Assert.Equal(0, (int)(await bench.RowAsync("disputes", order.DisputeId))["evidence_details"]!["submission_count"]!);
        Assert.Null(await bench.SeenAsync(order, mark));

        await bench.FaultAsync(fault, "POST", "/v1/files", status);
        var once = await bench.SendAsync(order, mark);
        Assert.True(once.Ok || status == 429, $"{once.Error}");   // whoever names no time to come back is not pressed
        await bench.DoneAsync(order, mark);
        Assert.Single((await bench.RowsAsync("files")), file => (string?)file["filename"] == order.Evidence.Files[0].Name);
    }

    [Fact]
    public async Task A_file_that_is_not_there_any_more_hands_nothing_in()
    {
        var order = WithReceipt(await bench.AdvanceAsync("dispute"));
        var gone = order with { Evidence = order.Evidence with { Files = [order.Evidence.Files[0] with { Id = Guid.CreateVersion7() }] } };
        var posts = await bench.RequestsAsync("POST");
        Assert.Equal((ErrorClass.Validation, "file_missing"), Kind(await bench.ErrorAsync(gone, bench.Mark())));
        Assert.Equal(posts, await bench.RequestsAsync("POST"));
    }

    [Theory]
    [InlineData("other", "other")]
    [InlineData("other", "product_description")]
    [InlineData("receipt", "receipt")]
    [InlineData("selfie")]
    public async Task Files_that_Stripe_has_no_place_for_are_refused_before_any_call(params string[] purposes)
    {
        ArgumentNullException.ThrowIfNull(purposes);
        var order = new SubmitEvidence("dp_1", new() { Files = [.. purposes.Select(purpose => File(purpose, "a.pdf", "application/pdf", [.. "%PDF-1.7"u8]))] });
        var posts = await bench.RequestsAsync("POST");
        Assert.Equal((ErrorClass.Validation, purposes.Length == 1 ? "bad_purpose" : "too_many_files"), Kind(await bench.ErrorAsync(order, bench.Mark())));
        Assert.Equal(posts, await bench.RequestsAsync("POST"));
    }

    [Fact]
    public async Task A_dispute_is_given_up_and_known_as_given_up_by_us()
    {
        var (order, mark) = (new AcceptDispute(await bench.AdvanceAsync("dispute")), bench.Mark());
        Assert.Null(await bench.SeenAsync(order, mark));
        var receipt = await bench.DoneAsync(order, mark);
        Assert.Equal(new(order.DisputeId, "lost"), receipt);
        Assert.Equal(receipt, await bench.SeenAsync(order, mark));
        Assert.Equal((ErrorClass.BusinessRule, "order_refused"), Kind(await bench.ErrorAsync(order, bench.Mark())));
    }

    [Fact]
    public async Task A_dispute_that_the_bank_decided_is_not_taken_for_one_that_we_gave_up()
    {
        var lost = "";
        for (var i = 0; i < 60 && lost.Length == 0; i++)
            if (await bench.AdvanceAsync("dispute_closed") is var id && (string?)(await bench.RowAsync("disputes", id))["status"] == "lost") lost = id;
        Assert.NotEqual("", lost);
        Assert.Null(await bench.SeenAsync(new AcceptDispute(lost), bench.Mark()));
    }

    [Fact]
    public async Task Who_closed_a_lost_dispute_is_an_error_where_no_event_tells_it()
    {
        var (order, mark) = (new AcceptDispute(await bench.AdvanceAsync("dispute")), bench.Mark());
        await bench.DoneAsync(order, mark);
        await bench.FaultAsync("empty_list", "GET", "/v1/events");
        Assert.Equal("closing_unseen", (await bench.LookUpAsync(order, mark)).Error!.Code);
        Assert.NotNull(await bench.SeenAsync(order, mark));
    }

    [Theory]
    [InlineData(WriteKinds.CreatePayout, "lost", null)]
    [InlineData(WriteKinds.CreatePayout, "cut", null)]
    [InlineData(WriteKinds.CreatePayout, "truncated", null)]
    [InlineData(WriteKinds.CreatePayout, "midway", 500)]
    [InlineData(WriteKinds.CreatePayout, "midway", 503)]
    [InlineData(WriteKinds.CancelPayout, "lost", null)]
    [InlineData(WriteKinds.CancelPayout, "cut", null)]
    [InlineData(WriteKinds.SubmitEvidence, "lost", null)]
    [InlineData(WriteKinds.SubmitEvidence, "cut", null)]
    [InlineData(WriteKinds.AcceptDispute, "lost", null)]
    [InlineData(WriteKinds.AcceptDispute, "cut", null)]
    [InlineData(WriteKinds.AcceptDispute, "midway", 500)]
    public async Task An_order_whose_answer_is_lost_is_found_and_done_once(string kind, string fault, int? status)
    {
        var (order, mark) = (await OrderAsync(kind), bench.Mark());
        var events = (await bench.RowsAsync("events")).Count;
        await bench.FaultAsync(fault, "POST", status: status);
        Assert.Equal(ErrorClass.OutcomeUnknown, (await bench.ErrorAsync(order, mark)).Class);
        var found = await bench.SeenAsync(order, mark);
        Assert.NotNull(found);
        var again = await bench.SendAsync(order, mark);   // nobody should, and it does no harm
        if (status is null) Assert.Equal(found, again.Value);
        else Assert.Equal((ErrorClass.OutcomeUnknown, "failure_replayed"), Kind(again.Error!));
        Assert.Equal(found, await bench.SeenAsync(order, mark));
        Assert.Equal(events + 1, (await bench.RowsAsync("events")).Count);
        if (order is CreatePayout) Assert.Equal(1, await bench.MadeAsync(mark));
    }

    [Theory]
    [InlineData(WriteKinds.CreatePayout, "hang", null)]
    [InlineData(WriteKinds.CreatePayout, "status", 500)]
    [InlineData(WriteKinds.CreatePayout, "status", 502)]
    [InlineData(WriteKinds.CreatePayout, "status", 503)]
    [InlineData(WriteKinds.CancelPayout, "hang", null)]
    [InlineData(WriteKinds.SubmitEvidence, "hang", null)]
    [InlineData(WriteKinds.AcceptDispute, "hang", null)]
    public async Task An_order_that_never_arrived_is_not_found_and_can_be_sent_again(string kind, string fault, int? status)
    {
        var (order, mark) = (await OrderAsync(kind), bench.Mark());
        await bench.FaultAsync(fault, "POST", status: status);
        Assert.Equal(ErrorClass.OutcomeUnknown, (await bench.ErrorAsync(order, mark)).Class);
        Assert.Null(await bench.SeenAsync(order, mark));
        var receipt = await bench.DoneAsync(order, mark);
        Assert.Equal(receipt, await bench.SeenAsync(order, mark));
        if (order is CreatePayout) Assert.Equal(1, await bench.MadeAsync(mark));
    }

    [Theory]
    [InlineData(WriteKinds.CreatePayout)]
    [InlineData(WriteKinds.CancelPayout)]
    [InlineData(WriteKinds.SubmitEvidence)]
    [InlineData(WriteKinds.AcceptDispute)]
    public async Task A_look_up_that_fails_says_neither_yes_nor_no(string kind)
    {
        var (order, mark) = (await OrderAsync(kind), bench.Mark());
        await bench.DoneAsync(order, mark);
        foreach (var fault in new[] { "cut", "hang", "status", "malformed", "empty", "truncated" })
        {
            await bench.FaultAsync(fault, "GET", times: -1);
            Assert.False((await bench.LookUpAsync(order, mark)).Ok);
            await bench.NoFaultsAsync();
        }
        await bench.FaultAsync("cut", "GET");
        Assert.NotNull(await bench.SeenAsync(order, mark));
    }

    [Fact]
    public async Task A_list_with_a_row_that_cannot_be_read_does_not_rule_a_payout_out()
    {
        await bench.FaultAsync(new { provider = "stripe", path = "/v1/payouts", method = "GET", kind = "malformed", body = """{"object":"list","has_more":false,"data":[{"object":"payout","id":7}]}""" });
        Assert.Equal("unreadable_row", (await bench.LookUpAsync(OnePound, bench.Mark())).Error!.Code);
    }

    [Fact]
    public async Task A_payout_is_found_behind_more_than_a_page_of_newer_ones()
    {
        var mark = bench.Mark();
        var receipt = await bench.DoneAsync(OnePound, mark);
        for (var i = 0; i < 101; i++) await bench.DoneAsync(OnePound with { Amount = 0.01m }, bench.Mark());
        Assert.Equal(receipt, await bench.SeenAsync(OnePound, mark));
        Assert.Null(await bench.SeenAsync(OnePound, bench.Mark()));
    }

    [Fact]
    public async Task The_same_order_sent_twice_at_once_is_done_once()
    {
        var mark = bench.Mark();
        await bench.FaultAsync("midway", "POST", milliseconds: 300);
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => bench.SendAsync(OnePound, mark)));
        Assert.All(results, r => Assert.True(r.Ok || Kind(r.Error!) == (ErrorClass.OutcomeUnknown, "idempotency_key_in_use"), $"{r.Error}"));
        Assert.Single(results.Where(r => r.Ok).Select(r => r.Value).Distinct());
        Assert.Equal(1, await bench.MadeAsync(mark));
    }

    [Fact]
    public async Task A_key_of_another_order_is_refused_and_does_nothing()
    {
        var mark = bench.Mark();
        await bench.DoneAsync(OnePound, mark);
        Assert.Equal((ErrorClass.Validation, "idempotency_error"), Kind(await bench.ErrorAsync(OnePound with { Amount = 2 }, mark)));
        Assert.Equal(1, await bench.MadeAsync(mark));
    }

    [Fact]
    public async Task More_than_there_is_is_refused_by_Stripes_code()
    {
        var mark = bench.Mark();
        Assert.Equal((ErrorClass.BusinessRule, "balance_insufficient"), Kind(await bench.ErrorAsync(OnePound with { Amount = 9_999_999 }, mark)));
        Assert.Null(await bench.SeenAsync(OnePound, mark));
    }

    [Fact]
    public async Task What_Stripe_does_not_know_has_surely_not_happened()
    {
        Assert.Equal((ErrorClass.Validation, "resource_missing"), Kind(await bench.ErrorAsync(new CancelPayout("po_x"), bench.Mark())));
        Assert.Equal((ErrorClass.Validation, "resource_missing"), Kind(await bench.ErrorAsync(new AcceptDispute("dp_x"), bench.Mark())));
        Assert.Equal((ErrorClass.Validation, "resource_missing"), Kind(await bench.ErrorAsync(Evidence("dp_x"), bench.Mark())));
        Assert.Equal((ErrorClass.Validation, "resource_missing"), Kind(await bench.ErrorAsync(OnePound with { DestinationId = "ba_x" }, bench.Mark())));
    }

    [Fact]
    public async Task A_refused_key_and_a_limit_have_surely_changed_nothing()
    {
        foreach (var (status, expected) in new[] { (401, ErrorClass.Authentication), (403, ErrorClass.BusinessRule), (429, ErrorClass.RateLimited), (409, ErrorClass.ProviderUnavailable) })
        {
            var mark = bench.Mark();
            await bench.FaultAsync("status", "POST", status: status);
            Assert.Equal(expected, (await bench.ErrorAsync(OnePound, mark)).Class);
            Assert.Equal(0, await bench.MadeAsync(mark));
            await bench.DoneAsync(OnePound, mark);
        }
    }

    public ValueTask InitializeAsync() => new(bench.NoFaultsAsync());

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static (ErrorClass, string) Kind(ProviderError error) => (error.Class, error.Code);

    private SubmitEvidence WithReceipt(string dispute) =>
        new(dispute, new() { Files = [File("receipt", $"{dispute}.pdf", "application/pdf", [.. "%PDF-1.7"u8])] });

    private EvidenceFile File(string purpose, string name, string mediaType, byte[] content)
    {
        var id = Guid.CreateVersion7();
        bench.Files.With(id, content);
        return new(id, purpose, name, mediaType, content.Length, EvidenceRules.Hash(content));
    }

    private static SubmitEvidence Evidence(string dispute) => new(dispute, new()
    {
        ProductDescription = "A chair",
        CustomerName = "Ann Example",
        CustomerEmail = "ann@example.com",
        ServiceDate = "2026-10-01",
        ShippingCarrier = "Royal Mail",
        ShippingTrackingNumber = "RM1",
        RefundPolicy = "Within 30 days",
        Explanation = "She has it",
    });

    /// <summary>One that can be done.</summary>
    private async Task<WriteOrder> OrderAsync(string kind) => kind switch
    {
        WriteKinds.CreatePayout => OnePound,
        WriteKinds.CancelPayout => new CancelPayout((await bench.DoneAsync(OnePound, bench.Mark())).ExternalId),
        WriteKinds.SubmitEvidence => Evidence(await bench.AdvanceAsync("dispute")),
        _ => new AcceptDispute(await bench.AdvanceAsync("dispute")),
    };
}
