using System.Collections.Frozen;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers.Transport;
using FinanceIntegrations.Providers.Wire;

namespace FinanceIntegrations.Providers.Square;

/// <summary>Orders to Square, and how each is found again (square.md §5, §6).</summary>
/// <remarks>
/// <para>
/// Evidence is uploaded piece by piece, each with a key of its own so that none comes twice, and then submitted: that call alone decides. What
/// was uploaded before a failure stays with the dispute.
/// </para>
/// <para>
/// A dispute that still waits for evidence was not sent any. One that does not, and has evidence of ours, was: Square submits all that was
/// uploaded, whoever says so. Ours is the text with our reference, or, since Square need not show texts again, what was uploaded when the
/// order was sent. An acceptance stands in the dispute's state.
/// </para>
/// </remarks>
internal sealed class SquareWrites(SquareApi api) : IWrites
{
    /// <summary>Our clock is not Square's.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private static readonly ProviderError EvidenceUnseen = new(ErrorClass.Validation, "evidence_unseen",
        "The dispute waits for no evidence any more, and Square shows none that was uploaded for this order.");

    public IReadOnlySet<string> Kinds { get; } = SquareConnector.Facts.Writes.ToFrozenSet();

    public async Task<ProviderResult<WriteReceipt>> SendAsync(ProviderAccess access, WriteOrder order, WriteMark mark, IOrderFiles files, CancellationToken cancel)
    {
        if (SquareConnector.CallerOf(access) is not { } caller) return SquareErrors.NoAccount;
        var texts = SquareOrders.Texts(order, mark);
        if (!texts.Ok) return texts.Error!;
        var id = order.SubjectId!;
        if (order is SubmitEvidence { Evidence.Files: var named })
        {
            var read = await OrderedFile.ReadAsync(named, files, cancel);
            if (!read.Ok) return read.Error!;
            if (await UploadAsync(id, texts.Value, read.Value, mark, caller, cancel) is { } refused) return refused;
            return Decided(await api.SubmitEvidenceAsync(id, caller, cancel), id);
        }
        return Decided(await api.AcceptDisputeAsync(id, caller, cancel), id);
    }

    public async Task<ProviderResult<WriteSighting>> LookUpAsync(ProviderAccess access, WriteOrder order, WriteMark mark, CancellationToken cancel)
    {
        if (SquareConnector.CallerOf(access) is not { } caller) return SquareErrors.NoAccount;
        // What cannot be sent was not sent, and its id may lead anywhere.
        if (SquareOrders.Texts(order, mark).Error is { } misfit) return misfit;
        var answer = await api.GetDisputeAsync(order.SubjectId!, caller, cancel);
        if (!answer.Ok) return answer.Error!;
        if (DisputeIn(answer.Value, order.SubjectId!) is not { } dispute) return SquareErrors.Unreadable(answer.Value);
        if (order is AcceptDispute)
            return dispute.State == "ACCEPTED" && SquareTime.Parse(dispute.UpdatedAt) >= mark.Since - Skew ? new WriteSighting(Receipt(dispute)) : WriteSighting.Nothing;
        return Awaits(dispute) ? WriteSighting.Nothing : await EvidenceAsync(dispute, mark, caller, cancel);
    }

    /// <returns>Why nothing was submitted; null: all of it is there.</returns>
    private async Task<ProviderError?> UploadAsync(
        string id, IReadOnlyList<SquareText> texts, IReadOnlyList<OrderedFile> files, WriteMark mark, SquareCaller caller, CancellationToken cancel)
    {
        var dispute = await api.GetDisputeAsync(id, caller, cancel);
        if (!dispute.Ok) return dispute.Error!;
        if (DisputeIn(dispute.Value, id) is not { } seen) return SquareErrors.Unreadable(dispute.Value);
        if (!Awaits(seen)) return new(ErrorClass.BusinessRule, "evidence_not_asked", "The dispute does not wait for evidence: Square takes none.");
        for (var place = 0; place < texts.Count; place++)
        {
            var request = new SquareEvidenceText
            {
                IdempotencyKey = $"{mark.Reference}-t{place}",
                EvidenceType = texts[place].Type,
                EvidenceText = texts[place].Text,
            };
            if (Refused(await api.CreateEvidenceTextAsync(id, request, caller, cancel)) is { } refused) return refused;
        }
        for (var place = 0; place < files.Count; place++)
        {
            var request = new SquareEvidenceFile
            {
                IdempotencyKey = $"{mark.Reference}-f{place}",
                EvidenceType = SquareOrders.TypeOf(files[place].File),
                ContentType = files[place].File.MediaType,
            };
            if (Refused(await api.CreateEvidenceFileAsync(id, request, files[place], caller, cancel)) is { } refused) return refused;
        }
        return null;

        // Nothing is submitted by it, whether it was taken or not.
        static ProviderError? Refused(ProviderResult<ProviderAnswer> answer) => answer.Error is { Class: ErrorClass.OutcomeUnknown } unknown
            ? unknown with { Class = ErrorClass.ProviderUnavailable, Message = "Square did not say that it has taken the evidence: nothing was submitted." }
            : answer.Error;
    }

    private async Task<ProviderResult<WriteSighting>> EvidenceAsync(SquareDispute dispute, WriteMark mark, SquareCaller caller, CancellationToken cancel)
    {
        var signature = SquareOrders.Signature(mark);
        string? cursor = null;
        do
        {
            var answer = await api.ListEvidenceAsync(dispute.Id!, cursor, caller, cancel);
            if (!answer.Ok) return answer.Error!;
            if (JsonBody.Read(answer.Value.Body, SquareJson.Default.SquareEvidenceList) is not { } page) return SquareErrors.Unreadable(answer.Value);
            if (page.Evidence?.Exists(one => one is { EvidenceText: { Length: > 0 } text }
                ? text == signature
                : SquareTime.Parse(one?.UploadedAt) >= mark.Since - Skew) == true) return new WriteSighting(Receipt(dispute));
            if (page.Cursor is { Length: > 0 } && page.Cursor == cursor) return SquareErrors.Unreadable(answer.Value, "pagination_stuck");
            cursor = page.Cursor;
        }
        while (cursor is { Length: > 0 });
        return EvidenceUnseen;
    }

    private static ProviderResult<WriteReceipt> Decided(ProviderResult<ProviderAnswer> answer, string id) =>
        !answer.Ok ? answer.Error!
        : DisputeIn(answer.Value, id) is { } dispute && !Awaits(dispute) ? Receipt(dispute)
        : SquareErrors.Unreadable(answer.Value) with { Class = ErrorClass.OutcomeUnknown };

    private static bool Awaits(SquareDispute dispute) => dispute.State is "EVIDENCE_REQUIRED" or "INQUIRY_EVIDENCE_REQUIRED";

    private static SquareDispute? DisputeIn(ProviderAnswer answer, string id) =>
        JsonBody.Read(answer.Body, SquareJson.Default.SquareDisputeAnswer) is { Dispute: { State.Length: > 0 } dispute } && dispute.Id == id ? dispute : null;

    private static WriteReceipt Receipt(SquareDispute dispute) => new(dispute.Id!, SquareVocabulary.DisputeStatus(dispute.State));
}
