using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.PayPal;

/// <summary>Orders against the simulated PayPal, whatever happens on the way: each takes effect at most once, and is found again or told to be unknown.</summary>
public sealed class PayPalWriteTests(PayPalWriteBench bench) : IClassFixture<PayPalWriteBench>
{
    private static readonly CreatePayout Payout = new(1.25m, "GBP", "jane@example.com");

    [Fact]
    public async Task A_payout_is_made_once_and_found_by_its_reference()
    {
        var (mark, before) = (bench.Mark(), await bench.PaidAsync());
        var made = await bench.DoneAsync(Payout with { Description = "Thank you" }, mark);
        Assert.Equal("pending", made.Status);
        Assert.Equal(before + 1, await bench.PaidAsync());
        Assert.Equal(new(made.ExternalId, "paid"), await bench.SeenAsync(Payout, mark));
        Assert.Equal(made, await bench.DoneAsync(Payout, mark));   // the same key: nothing new
        Assert.Equal(before + 1, await bench.PaidAsync());
        Assert.Contains("PAYMENT.PAYOUTSBATCH.SUCCESS", await bench.EventsAsync());

        var again = await bench.ErrorAsync(Payout, mark with { IdempotencyKey = "another" });
        Assert.Equal((ErrorClass.OutcomeUnknown, "batch_exists"), (again.Class, again.Code));
        Assert.Equal(before + 1, await bench.PaidAsync());
    }

    [Theory]
    [InlineData("status", 0)]
    [InlineData("malformed", 0)]
    [InlineData("hang", 0)]
    [InlineData("lost", 1)]
    [InlineData("cut", 1)]
    [InlineData("truncated", 1)]
    public async Task A_payout_without_an_answer_is_found_if_it_was_made_and_never_said_not_to_be(string kind, int made)
    {
        var (mark, before) = (bench.Mark(), await bench.PaidAsync());
        await bench.FaultAsync(kind, "POST", "/v1/payments/payouts", status: kind == "status" ? 503 : null);
        Assert.Equal(ErrorClass.OutcomeUnknown, (await bench.ErrorAsync(Payout, mark)).Class);
        Assert.Equal(before + made, await bench.PaidAsync());
        if (made == 1) Assert.Equal("paid", (await bench.SeenAsync(Payout, mark))!.Status);
        else Assert.Equal("batch_unseen", (await bench.LookUpAsync(Payout, mark)).Error!.Code);
        Assert.Equal(before + made, await bench.PaidAsync());
    }

    [Fact]
    public async Task Many_other_payouts_hide_none()
    {
        var mark = bench.Mark();
        var made = await bench.DoneAsync(new CreatePayout(0.01m, "GBP", "first@example.com"), mark);
        for (var other = 0; other < 110; other++) Assert.True((await bench.SendAsync(new CreatePayout(0.01m, "GBP", "other@example.com"), bench.Mark())).Ok);
        Assert.Equal(made.ExternalId, (await bench.SeenAsync(Payout, mark))!.ExternalId);
        Assert.Contains("100", bench.Exchanges.Select(exchange => exchange.Request["page"] ?? ""));
    }

    [Fact]
    public async Task A_payout_that_nobody_has_claimed_is_called_back_and_no_other()
    {
        var waits = await bench.DoneAsync(Payout with { DestinationId = "unclaimed@example.com" }, bench.Mark());
        Assert.Null(await bench.SeenAsync(new CancelPayout(waits.ExternalId), bench.Mark()));
        var lost = bench.Mark();
        await bench.FaultAsync("lost", "POST", "/v1/payments/payouts-item");
        Assert.Equal(ErrorClass.OutcomeUnknown, (await bench.ErrorAsync(new CancelPayout(waits.ExternalId), lost)).Class);
        Assert.Equal(new(waits.ExternalId, "canceled"), await bench.SeenAsync(new CancelPayout(waits.ExternalId), lost));
        Assert.Equal(ErrorClass.BusinessRule, (await bench.ErrorAsync(new CancelPayout(waits.ExternalId), bench.Mark())).Class);

        var second = await bench.DoneAsync(Payout with { DestinationId = "unclaimed@example.com" }, bench.Mark());
        Assert.Equal(new(second.ExternalId, "canceled"), await bench.DoneAsync(new CancelPayout(second.ExternalId), bench.Mark()));
        var paid = await bench.DoneAsync(Payout, bench.Mark());
        Assert.Equal((ErrorClass.BusinessRule, "ITEM_ALREADY_COMPLETED"), Kind(await bench.ErrorAsync(new CancelPayout(paid.ExternalId), bench.Mark())));
        Assert.Null(await bench.SeenAsync(new CancelPayout(paid.ExternalId), bench.Mark()));
        Assert.Equal((ErrorClass.Validation, "RESOURCE_NOT_FOUND"), Kind(await bench.ErrorAsync(new CancelPayout("NONE"), bench.Mark())));
    }

    [Fact]
    public async Task A_payout_is_followed_from_its_order_to_wherever_it_ends()
    {
        var made = await bench.DoneAsync(Payout with { DestinationId = "pending@example.com" }, bench.Mark());
        Assert.Equal("in_transit", (await bench.ReadAsync(made.ExternalId)).Status);
        Assert.Equal(["PAYMENT.PAYOUTSBATCH.SUCCESS", "PAYMENT.PAYOUTS-ITEM.UNCLAIMED"], await bench.BecomesAsync(made.ExternalId, "UNCLAIMED"));
        Assert.Equal("in_transit", (await bench.ReadAsync(made.ExternalId)).Status);
        Assert.Equal(["PAYMENT.PAYOUTS-ITEM.RETURNED"], await bench.BecomesAsync(made.ExternalId, "RETURNED"));
        var returned = await bench.ReadAsync(made.ExternalId);
        Assert.Equal(("failed", "RECEIVER_UNREGISTERED", 1.25m), (returned.Status, returned.FailureCode, returned.Amount));
        Assert.Contains((await bench.BooksAsync())["transactions"]!.AsArray(), row => (string?)row!["transaction_info"]!["paypal_reference_id"] == returned.TransactionId);

        var paid = await bench.DoneAsync(Payout, bench.Mark());
        Assert.Equal("paid", (await bench.ReadAsync(paid.ExternalId)).Status);
        Assert.Empty(await bench.BecomesAsync(paid.ExternalId, "REVERSED"));   // PayPal tells of no reversal
        Assert.Equal(("failed", "REVERSED"), await bench.ReadAsync(paid.ExternalId) is var reversed ? (reversed.Status, reversed.FailureCode) : default);

        var waits = await bench.DoneAsync(Payout with { DestinationId = "unclaimed@example.com" }, bench.Mark());
        await bench.DoneAsync(new CancelPayout(waits.ExternalId), bench.Mark());
        Assert.Equal("canceled", (await bench.ReadAsync(waits.ExternalId, calledBack: true)).Status);
    }

    [Fact]
    public async Task Money_that_is_not_there_pays_nobody()
    {
        var before = await bench.PaidAsync();
        Assert.Equal((ErrorClass.BusinessRule, "INSUFFICIENT_FUNDS"), Kind(await bench.ErrorAsync(new CreatePayout(9_000_000, "GBP", "jane@example.com"), bench.Mark())));
        Assert.Equal((ErrorClass.BusinessRule, "INSUFFICIENT_FUNDS"), Kind(await bench.ErrorAsync(new CreatePayout(1, "SEK", "jane@example.com"), bench.Mark())));
        Assert.Equal(before, await bench.PaidAsync());
    }

    [Fact]
    public async Task Evidence_with_files_is_handed_in_once_and_PayPal_decides_later()
    {
        var dispute = await bench.AdvanceAsync("dispute");
        var (id, bytes, mark) = (Guid.CreateVersion7(), "%PDF-1.7 proof"u8.ToArray(), bench.Mark());
        var file = OrderFiles.Describe(id, EvidencePurposes.ShippingDocumentation, "Lieferschein №1.pdf", "application/pdf", bytes);
        var order = new SubmitEvidence(dispute, new() { Explanation = "It was delivered.", ShippingCarrier = "DHL", ShippingTrackingNumber = "TR1", Files = [file] });

        Assert.Equal("file_gone", (await bench.ErrorAsync(order, mark)).Code);
        Assert.Equal("file_changed", (await bench.ErrorAsync(order, mark, new OrderFiles().With(id, "%PDF-1.7 other"u8.ToArray()))).Code);
        Assert.Null(await bench.SeenAsync(order, mark));
        Assert.Equal(new(dispute, "under_review"), await bench.DoneAsync(order, mark, new OrderFiles().With(id, bytes)));
        Assert.Equal(new(dispute, "under_review"), await bench.SeenAsync(order, mark));
        Assert.Single(await bench.HandedInAsync(dispute, mark));
        Assert.Equal((ErrorClass.BusinessRule, "evidence_not_asked"), Kind(await bench.ErrorAsync(order, bench.Mark(), new OrderFiles().With(id, bytes))));
        Assert.Equal("evidence_unseen", (await bench.LookUpAsync(order, bench.Mark())).Error!.Code);
        Assert.Contains("CUSTOMER.DISPUTE.UPDATED", await bench.EventsAsync());
        while (await bench.AdvanceAsync("dispute_resolved") != dispute) { }
        Assert.Contains((await bench.SeenAsync(order, mark))!.Status, (string[])["won", "lost"]);
    }

    [Theory]
    [InlineData("status", false)]
    [InlineData("malformed", false)]
    [InlineData("hang", false)]
    [InlineData("lost", true)]
    [InlineData("cut", true)]
    [InlineData("truncated", true)]
    public async Task An_answer_to_a_dispute_that_gets_none_is_looked_up(string kind, bool done)
    {
        var (dispute, given) = (await bench.AdvanceAsync("dispute"), await bench.AdvanceAsync("dispute"));
        var (evidence, acceptance) = (new SubmitEvidence(dispute, new() { Explanation = "No." }), new AcceptDispute(given));
        var (mark, other) = (bench.Mark(), bench.Mark());
        foreach (var (order, one) in new (WriteOrder, WriteMark)[] { (evidence, mark), (acceptance, other) })
        {
            await bench.FaultAsync(kind, "POST", "/v1/customer/disputes", status: kind == "status" ? 500 : null);
            Assert.Equal(ErrorClass.OutcomeUnknown, (await bench.ErrorAsync(order, one)).Class);
        }
        Assert.Equal(done ? new WriteReceipt(dispute, "under_review") : null, await bench.SeenAsync(evidence, mark));
        Assert.Equal(done ? new WriteReceipt(given, "lost") : null, await bench.SeenAsync(acceptance, other));
        Assert.Equal(done ? 1 : 0, (await bench.HandedInAsync(dispute, mark)).Count);
    }

    [Fact]
    public async Task A_dispute_is_given_up_once()
    {
        var dispute = await bench.AdvanceAsync("dispute");
        Assert.Null(await bench.SeenAsync(new AcceptDispute(dispute), bench.Mark()));
        Assert.Equal(new(dispute, "lost"), await bench.DoneAsync(new AcceptDispute(dispute), bench.Mark()));
        Assert.Equal((ErrorClass.BusinessRule, "dispute_closed"), Kind(await bench.ErrorAsync(new AcceptDispute(dispute), bench.Mark())));
        var later = bench.Mark() with { Since = TimeProvider.System.GetUtcNow().AddMinutes(6) };   // it was closed before the order was sent
        Assert.Null(await bench.SeenAsync(new AcceptDispute(dispute), later));
    }

    [Fact]
    public async Task A_permission_that_is_missing_is_told_and_nothing_is_sent_twice()
    {
        await bench.FaultAsync("status", "POST", "/v1/payments/payouts", status: 403);
        Assert.Equal((ErrorClass.BusinessRule, "NOT_AUTHORIZED"), Kind(await bench.ErrorAsync(Payout, bench.Mark())));
    }

    /// <summary>Both what we send and what the simulated PayPal answers.</summary>
    [Fact]
    public async Task Everything_that_is_exchanged_fits_PayPals_descriptions()
    {
        var (payouts, disputes, events) = (new Published("paypal/payments_payouts_batch_v1.json"), new Published("paypal/customer_disputes_v1.json"), new Published("paypal/notifications_webhooks_v1.json"));
        var begin = bench.Exchanges.Count;
        var mark = bench.Mark();
        var made = await bench.DoneAsync(Payout with { DestinationId = "unclaimed@example.com", Description = "Danke schön" }, mark);
        await bench.SeenAsync(Payout, mark);
        await bench.DoneAsync(new CancelPayout(made.ExternalId), bench.Mark());
        await bench.ErrorAsync(new CancelPayout(made.ExternalId), bench.Mark());
        await bench.DoneAsync(Payout with { DestinationId = "fail@example.com" }, mark = bench.Mark());
        await bench.SeenAsync(Payout, mark);
        made = await bench.DoneAsync(Payout with { DestinationId = "pending@example.com" }, bench.Mark());
        foreach (var status in new[] { "ONHOLD", "SUCCESS", "REFUNDED" })
        {
            await bench.ReadAsync(made.ExternalId);
            await bench.BecomesAsync(made.ExternalId, status);
        }
        await bench.ReadAsync(made.ExternalId);
        var (first, second) = (await bench.AdvanceAsync("dispute"), await bench.AdvanceAsync("dispute"));
        await bench.DoneAsync(new SubmitEvidence(first, PayPalOrderTests.Whole), bench.Mark());
        await bench.DoneAsync(new AcceptDispute(second), bench.Mark());
        await bench.ErrorAsync(new AcceptDispute(second), bench.Mark());

        var paths = new HashSet<string>();
        foreach (var exchange in bench.Exchanges.Skip(begin))
        {
            var path = exchange.Request.Path["/paypal".Length..];
            var (description, template) = path.Split('/') switch
            {
                [_, "v1", "notifications", ..] => (events, path),
                [_, "v1", "payments", "payouts"] => (payouts, path),
                [_, "v1", "payments", "payouts", _] => (payouts, "/v1/payments/payouts/{id}"),
                [_, "v1", "payments", "payouts-item", _, "cancel"] => (payouts, "/v1/payments/payouts-item/{payout_item_id}/cancel"),
                [_, "v1", "customer", "disputes", _] => (disputes, "/v1/customer/disputes/{id}"),
                [_, "v1", "customer", "disputes", _, var action] => (disputes, "/v1/customer/disputes/{id}/" + action),
                _ => throw new InvalidOperationException(path),
            };
            paths.Add(template);
            description.AnswerFits(exchange.Request.Method == HttpMethod.Get ? "get" : "post", template, exchange.Status, exchange.Json);
        }
        Assert.Equal(7, paths.Count);
    }

    private static (ErrorClass, string) Kind(ProviderError error) => (error.Class, error.Code);
}
