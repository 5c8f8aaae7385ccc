using System.Collections.Frozen;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers.Transport;
using FinanceIntegrations.Providers.Wire;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>Orders to PayPal, and how each is found again (paypal.md §3, §5, §6).</summary>
/// <remarks>
/// <para>
/// A payout is a batch of one item. PayPal has no list of batches and none by <c>sender_batch_id</c>. Sending the batch again would be refused as
/// a duplicate, were it there, but would make it, were it not: no look-up may do that, and the refusal names the existing batch in PayPal's
/// documentation only (github.com/paypal/PayPal-Ruby-SDK/issues/120 shows one without it). What can be read are the events that PayPal told the
/// app's webhooks of, for 30 days: that of a batch repeats our reference. It proves that the payout was made. That there is none proves nothing, for
/// whether the app listens to batches, and when PayPal tells, is not known: then a person is asked.
/// </para>
/// <para>Evidence carries our reference in its notes, which the dispute shows. Who has closed a dispute it does not say: one that was open when the
/// acceptance was sent, and has been decided for the buyer since, is taken to be given up; the money is gone either way.</para>
/// </remarks>
internal sealed class PayPalWrites(PayPalApi api, TimeProvider clock) : IWrites
{
    /// <summary>Every batch comes to one of them, most to both of the first two.</summary>
    private static readonly string[] BatchEvents = ["PAYMENT.PAYOUTSBATCH.PROCESSING", "PAYMENT.PAYOUTSBATCH.SUCCESS", "PAYMENT.PAYOUTSBATCH.DENIED"];

    /// <summary>Our clock is not PayPal's.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <summary>A batch that was made has been told of by then.</summary>
    private static readonly TimeSpan Telling = TimeSpan.FromDays(1);

    private static readonly ProviderError BatchUnseen = new(ErrorClass.Validation, "batch_unseen",
        "PayPal cannot say that a payout was not made: it lists none, and has told of none with this reference.");

    private static readonly ProviderError EvidenceUnseen = new(ErrorClass.Validation, "evidence_unseen",
        "The dispute waits for no evidence any more, and PayPal shows none with this reference.");

    public IReadOnlySet<string> Kinds { get; } = PayPalConnector.Facts.Writes.ToFrozenSet();

    public async Task<ProviderResult<WriteReceipt>> SendAsync(ProviderAccess access, WriteOrder order, WriteMark mark, IOrderFiles files, CancellationToken cancel)
    {
        if (PayPalConnector.CallerOf(access) is not { } caller) return PayPalErrors.NoAccount;
        var body = PayPalOrders.Body(order, mark);
        if (!body.Ok) return body.Error!;
        return order switch
        {
            CancelPayout cancellation => await CancelAsync(cancellation, caller, cancel),
            SubmitEvidence evidence => await ProvideAsync(evidence, body.Value, mark, files, caller, cancel),
            AcceptDispute acceptance => await AcceptAsync(acceptance, body.Value, mark, caller, cancel),
            _ => await PayAsync(body.Value, mark, caller, cancel),
        };
    }

    public async Task<ProviderResult<WriteSighting>> LookUpAsync(ProviderAccess access, WriteOrder order, WriteMark mark, CancellationToken cancel)
    {
        if (PayPalConnector.CallerOf(access) is not { } caller) return PayPalErrors.NoAccount;
        // What cannot be sent was not sent, and its id may lead anywhere.
        if (PayPalOrders.Body(order, mark).Error is { } misfit) return misfit;
        if (order is CreatePayout) return await FindBatchAsync(mark, caller, cancel);
        if (order is CancelPayout { PayoutId: var payout })
            return (await BatchAsync(payout, caller, cancel))
                .Map(batch => ItemOf(batch) is { TransactionStatus: "RETURNED" } ? new(Receipt(batch, calledBack: true)) : WriteSighting.Nothing);
        var dispute = await DisputeAsync(order.SubjectId!, caller, cancel);
        if (!dispute.Ok) return dispute.Error!;
        return order is AcceptDispute ? Acceptance(dispute.Value, mark) : Evidence(dispute.Value, mark);
    }

    private async Task<ProviderResult<WriteReceipt>> PayAsync(byte[] body, WriteMark mark, PayPalCaller caller, CancellationToken cancel)
    {
        var answer = await api.CreatePayoutAsync(body, mark.IdempotencyKey, caller, cancel);
        if (!answer.Ok) return answer.Error!;
        return JsonBody.Read(answer.Value.Body, PayPalJson.Default.PayPalPayoutBatch) is { BatchHeader: { PayoutBatchId.Length: > 0, BatchStatus.Length: > 0 } } made
            && (ReferenceOf(made) ?? mark.Reference) == mark.Reference
            ? Receipt(made)
            : Unreadable(answer.Value);
    }

    /// <summary>What is cancelled is the item: it is asked for first, which changes nothing.</summary>
    private async Task<ProviderResult<WriteReceipt>> CancelAsync(CancelPayout order, PayPalCaller caller, CancellationToken cancel)
    {
        var batch = await BatchAsync(order.PayoutId, caller, cancel);
        if (!batch.Ok) return batch.Error!;
        if (ItemOf(batch.Value) is not { } item)
            return new ProviderError(ErrorClass.BusinessRule, "not_one_payout", "PayPal has not begun the batch, or it pays to several: what is called back is one payout.");
        var answer = await api.CancelPayoutAsync(item.PayoutItemId, caller, cancel);
        if (!answer.Ok) return answer.Error!;
        return JsonBody.Read(answer.Value.Body, PayPalJson.Default.PayPalPayoutItem) is { TransactionStatus: "RETURNED" } returned && returned.PayoutItemId == item.PayoutItemId
            ? new WriteReceipt(order.PayoutId, "canceled")
            : Unreadable(answer.Value);
    }

    private async Task<ProviderResult<WriteReceipt>> ProvideAsync(
        SubmitEvidence order, byte[] body, WriteMark mark, IOrderFiles files, PayPalCaller caller, CancellationToken cancel)
    {
        var read = await OrderedFile.ReadAsync(order.Evidence.Files, files, cancel);
        if (!read.Ok) return read.Error!;
        var dispute = await DisputeAsync(order.DisputeId, caller, cancel);
        if (!dispute.Ok) return dispute.Error!;
        if (dispute.Value.Status != "WAITING_FOR_SELLER_RESPONSE")
            return new ProviderError(ErrorClass.BusinessRule, "evidence_not_asked", "The dispute does not wait for the seller: PayPal takes no evidence.");
        var answer = await api.ProvideEvidenceAsync(order.DisputeId, body, read.Value, mark.IdempotencyKey, caller, cancel);
        return Acted(answer, dispute.Value, "UNDER_REVIEW", outcome: null);
    }

    private async Task<ProviderResult<WriteReceipt>> AcceptAsync(AcceptDispute order, byte[] body, WriteMark mark, PayPalCaller caller, CancellationToken cancel)
    {
        var dispute = await DisputeAsync(order.DisputeId, caller, cancel);
        if (!dispute.Ok) return dispute.Error!;
        if (dispute.Value.Status == "RESOLVED") return new ProviderError(ErrorClass.BusinessRule, "dispute_closed", "The dispute is decided already.");
        var answer = await api.AcceptClaimAsync(order.DisputeId, body, mark.IdempotencyKey, caller, cancel);
        return Acted(answer, dispute.Value, "RESOLVED", "RESOLVED_BUYER_FAVOUR");
    }

    /// <summary>The answer leads to the dispute, and does not tell how it stands: as every such one does.</summary>
    private static ProviderResult<WriteReceipt> Acted(ProviderResult<ProviderAnswer> answer, PayPalDispute before, string status, string? outcome)
    {
        if (!answer.Ok) return answer.Error!;
        return JsonBody.Read(answer.Value.Body, PayPalJson.Default.PayPalActed) is { } acted
            && acted.Links.Exists(link => link is { Href: { } href } && href.EndsWith("/" + before.DisputeId, StringComparison.Ordinal))
            ? new WriteReceipt(before.DisputeId, PayPalVocabulary.DisputeStatus(status, before.DisputeLifeCycleStage, outcome))
            : Unreadable(answer.Value);
    }

    private async Task<ProviderResult<WriteSighting>> FindBatchAsync(WriteMark mark, PayPalCaller caller, CancellationToken cancel)
    {
        var (from, latest) = (mark.Since - Skew, mark.Since + Telling);
        var until = clock.GetUtcNow() is var now && now < latest ? now : latest;
        foreach (var type in BatchEvents)
        {
            string? query = null;
            do
            {
                var answer = await api.ListEventsAsync(type, from, until, query, caller, cancel);
                if (!answer.Ok) return answer.Error!;
                if (JsonBody.Read(answer.Value.Body, PayPalJson.Default.PayPalToldEvents) is not { } page) return PayPalErrors.Unreadable(answer.Value);
                if (page.Events.Find(told => told is not null && ReferenceOf(told.Resource) == mark.Reference) is { } ours)
                    return (await BatchAsync(ours.Resource.BatchHeader.PayoutBatchId, caller, cancel)).Map(batch => new WriteSighting(Receipt(batch)));
                var next = page.Links?.Find(link => link is { Rel: "next" })?.Href is { } href && Uri.TryCreate(href, UriKind.Absolute, out var address) ? address.Query : null;
                if (next is not null && next == query) return PayPalErrors.Unreadable(answer.Value, "pagination_stuck");
                query = next;
            }
            while (query is { Length: > 0 });
        }
        return BatchUnseen;
    }

    private static ProviderResult<WriteSighting> Evidence(PayPalDispute dispute, WriteMark mark)
    {
        var signature = PayPalEvidenceOrders.Signature(mark);
        var ours = dispute.Evidences?.Exists(one => one is { Source: "SUBMITTED_BY_SELLER" or "SUBMITTED_BY_PARTNER", Notes: { } notes }
            && notes.Contains(signature, StringComparison.Ordinal)) == true;
        return ours ? new WriteSighting(Receipt(dispute))
            : dispute.Status == "WAITING_FOR_SELLER_RESPONSE" ? WriteSighting.Nothing
            : EvidenceUnseen;
    }

    private static WriteSighting Acceptance(PayPalDispute dispute, WriteMark mark) =>
        dispute is { Status: "RESOLVED", DisputeOutcome.OutcomeCode: "RESOLVED_BUYER_FAVOUR" or "ACCEPTED" }
            && PayPalTime.Parse(dispute.UpdateTime) is { } decided && decided >= mark.Since - Skew
            ? new(Receipt(dispute))
            : WriteSighting.Nothing;

    private async Task<ProviderResult<PayPalPayoutBatch>> BatchAsync(string id, PayPalCaller caller, CancellationToken cancel)
    {
        var answer = await api.GetPayoutAsync(id, caller, cancel);
        if (!answer.Ok) return answer.Error!;
        return JsonBody.Read(answer.Value.Body, PayPalJson.Default.PayPalPayoutBatch) is { } batch && batch.BatchHeader.PayoutBatchId == id ? batch : PayPalErrors.Unreadable(answer.Value);
    }

    private async Task<ProviderResult<PayPalDispute>> DisputeAsync(string id, PayPalCaller caller, CancellationToken cancel)
    {
        var answer = await api.GetDisputeAsync(caller, id, cancel);
        if (!answer.Ok) return answer.Error!;
        return JsonBody.Read(answer.Value.Body, PayPalJson.Default.PayPalDispute) is { } dispute && dispute.DisputeId == id ? dispute : PayPalErrors.Unreadable(answer.Value);
    }

    private static string? ReferenceOf(PayPalPayoutBatch batch) => batch.BatchHeader.SenderBatchHeader?.SenderBatchId;

    private static PayPalPayoutItem? ItemOf(PayPalPayoutBatch batch) => batch.Items is [var only] ? only : null;

    private static WriteReceipt Receipt(PayPalPayoutBatch batch, bool calledBack = false) =>
        new(batch.BatchHeader.PayoutBatchId, PayPalVocabulary.PayoutToOthersStatus(batch.BatchHeader.BatchStatus, ItemOf(batch)?.TransactionStatus, calledBack));

    private static WriteReceipt Receipt(PayPalDispute dispute) =>
        new(dispute.DisputeId, PayPalVocabulary.DisputeStatus(dispute.Status, dispute.DisputeLifeCycleStage, dispute.DisputeOutcome?.OutcomeCode));

    /// <summary>The order was taken, whatever the answer means.</summary>
    private static ProviderError Unreadable(ProviderAnswer answer) => PayPalErrors.Unreadable(answer) with { Class = ErrorClass.OutcomeUnknown };
}
