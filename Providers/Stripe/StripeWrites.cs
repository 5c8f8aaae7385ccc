using System.Collections.Frozen;
using System.Text.Json.Serialization.Metadata;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers.Transport;
using FinanceIntegrations.Providers.Wire;

namespace FinanceIntegrations.Providers.Stripe;

/// <summary>Orders to Stripe, and how each is found again (stripe.md §4–§6).</summary>
/// <remarks>
/// A payout and a dispute with evidence carry our reference in their metadata. Giving a dispute up leaves no mark in it: that it was us, and not
/// the bank, says the closing's event, which repeats the idempotency key of the request that it comes of, for 30 days.
/// </remarks>
internal sealed class StripeWrites(StripeApi api) : IWrites
{
    private const string Payouts = "payouts", Disputes = "disputes";
    private static readonly string[] Closings = ["charge.dispute.closed"];

    private static readonly ProviderError ClosingUnseen = new(ErrorClass.Validation, "closing_unseen",
        "The dispute is lost, and Stripe shows no event that says who closed it: us or the bank.");

    private static readonly ProviderError NotSubmitted = new(ErrorClass.Validation, "evidence_not_submitted",
        "The dispute carries the order's reference, yet no evidence was handed in.");

    private static readonly ProviderError FileMissing = new(ErrorClass.Validation, "file_missing",
        "A file of the evidence is not there any more as it was ordered: nothing was handed in.");

    public IReadOnlySet<string> Kinds { get; } = StripeConnector.Facts.Writes.ToFrozenSet();

    public async Task<ProviderResult<WriteReceipt>> SendAsync(ProviderAccess access, WriteOrder order, WriteMark mark, IOrderFiles files, CancellationToken cancel)
    {
        if (access.ExternalAccountId is not { Length: > 0 } account) return StripeErrors.NoAccount;
        var form = StripeOrders.Form(order, mark);
        if (!form.Ok) return form.Error!;
        var (caller, key) = (Caller(access, account), mark.IdempotencyKey);
        var uploaded = await UploadAsync((order as SubmitEvidence)?.Evidence.Files ?? [], files, key, caller, cancel);
        if (!uploaded.Ok) return uploaded.Error!;
        KeyValuePair<string, string>[] fields = [.. uploaded.Value, .. form.Value];
        var answer = await (order switch
        {
            CancelPayout cancellation => api.CancelPayoutAsync(cancellation.PayoutId, key, caller, cancel),
            SubmitEvidence evidence => api.UpdateDisputeAsync(evidence.DisputeId, fields, key, caller, cancel),
            AcceptDispute acceptance => api.CloseDisputeAsync(acceptance.DisputeId, key, caller, cancel),
            _ => api.CreatePayoutAsync(fields, key, caller, cancel),
        });
        if (!answer.Ok) return answer.Error!;
        return JsonBody.Read(answer.Value.Body, StripeJson.Default.StripeOrdered) is { } done && IsAbout(order, done)
            ? Receipt(done)
            : StripeErrors.Unreadable(answer.Value) with { Class = ErrorClass.OutcomeUnknown };
    }

    public async Task<ProviderResult<WriteSighting>> LookUpAsync(ProviderAccess access, WriteOrder order, WriteMark mark, CancellationToken cancel)
    {
        if (access.ExternalAccountId is not { Length: > 0 } account) return StripeErrors.NoAccount;
        // What cannot be sent was not sent, and its id may lead anywhere.
        if (StripeOrders.Form(order, mark).Error is { } misfit) return misfit;
        var caller = Caller(access, account);
        if (order is CreatePayout) return await PayoutAsync(mark, caller, cancel);
        var answer = await api.GetOneAsync(order is CancelPayout ? Payouts : Disputes, order.SubjectId!, caller, cancel);
        if (!answer.Ok) return answer.Error!;
        if (JsonBody.Read(answer.Value.Body, StripeJson.Default.StripeOrdered) is not { } seen || !IsAbout(order, seen)) return StripeErrors.Unreadable(answer.Value);
        return (order, seen.Status) switch
        {
            (CancelPayout, "canceled") => Sighting(seen),
            (SubmitEvidence, _) when Carries(seen, mark) => seen.EvidenceDetails?.SubmissionCount > 0 ? Sighting(seen) : NotSubmitted,
            (AcceptDispute, "lost") => await ClosingAsync(seen, mark, caller, cancel),
            _ => WriteSighting.Nothing,
        };
    }

    /// <summary>The fields that name the files. While these are uploaded nothing is decided yet: whatever goes wrong, the order has not happened.</summary>
    private async Task<ProviderResult<KeyValuePair<string, string>[]>> UploadAsync(
        IReadOnlyList<EvidenceFile> wanted, IOrderFiles files, string key, Caller caller, CancellationToken cancel)
    {
        var fields = new KeyValuePair<string, string>[wanted.Count];
        for (var i = 0; i < fields.Length; i++)
        {
            var file = wanted[i];
            if (await files.ReadAsync(file.Id, cancel) is not { } content) return FileMissing;
            var answer = await api.UploadAsync(file.Name, file.MediaType, content, $"{key}-{file.Id:N}", caller, cancel);
            if (!answer.Ok) return answer.Error!;
            if (JsonBody.Read(answer.Value.Body, StripeJson.Default.StripeUploaded) is not { Object: "file", Id.Length: > 0 } uploaded) return StripeErrors.Unreadable(answer.Value);
            fields[i] = new(StripeOrders.FieldOf(file.Purpose)!, uploaded.Id);
        }
        return fields;
    }

    /// <summary>No list filters by metadata: every payout since then is read until ours is seen, and all of them to say that it is not there.</summary>
    private async Task<ProviderResult<WriteSighting>> PayoutAsync(WriteMark mark, Caller caller, CancellationToken cancel)
    {
        var since = mark.Since.ToUnixTimeSeconds() - StripeStreams.Overlap;   // our clock, not Stripe's
        return await FirstAsync(
            after => api.ListAsync(Payouts, caller, since, after, cancel), StripeJson.Default.StripeOrdered,
            payout => Carries(payout, mark) ? Sighting(payout) : null,
            WriteSighting.Nothing);
    }

    private Task<ProviderResult<WriteSighting>> ClosingAsync(StripeOrdered dispute, WriteMark mark, Caller caller, CancellationToken cancel) =>
        FirstAsync(
            after => api.ListEventsAsync(Closings, caller, since: 0, after, cancel), StripeJson.Default.StripeCaused,
            closing => closing.Data.Object.Id != dispute.Id ? null
                : closing.Request?.IdempotencyKey == mark.IdempotencyKey ? Sighting(dispute)
                : WriteSighting.Nothing,
            ClosingUnseen);

    /// <summary>The first row that says something. A row that cannot be read might have said it: then nothing is ruled out.</summary>
    private static async Task<ProviderResult<WriteSighting>> FirstAsync<T>(
        Func<string?, Task<ProviderResult<ProviderAnswer>>> page, JsonTypeInfo<T> type, Func<T, WriteSighting?> says, ProviderResult<WriteSighting> none)
        where T : StripeWire
    {
        string? after = null;
        ProviderError? unread = null;
        while (true)
        {
            var answer = await page(after);
            if (!answer.Ok) return answer.Error!;
            if (StripeList.Read(answer.Value.Body) is not { } list) return StripeErrors.Unreadable(answer.Value);
            foreach (var row in list.Rows)
            {
                if (JsonBody.Read(row, type) is not { } wire) unread ??= StripeErrors.Unreadable(answer.Value, "unreadable_row");
                else if (says(wire) is { } sighting) return sighting;
            }
            if (!list.HasMore) return unread is null ? none : unread;
            var last = list.Rows.Count > 0 ? StripeList.IdOf(list.Rows[^1].Span) : null;
            if (last is null || last == after) return StripeErrors.Unreadable(answer.Value, "pagination_stuck");
            after = last;
        }
    }

    private static bool Carries(StripeOrdered seen, WriteMark mark) => seen.Metadata?.GetValueOrDefault(StripeOrders.ReferenceKey) == mark.Reference;

    private static bool IsAbout(WriteOrder order, StripeOrdered seen) =>
        seen.Object == (order is CreatePayout or CancelPayout ? "payout" : "dispute") && seen is { Id.Length: > 0, Status.Length: > 0 }
        && (order.SubjectId is null || order.SubjectId == seen.Id);

    private static WriteReceipt Receipt(StripeOrdered done) => new(done.Id, done.Status);

    private static WriteSighting Sighting(StripeOrdered seen) => new(Receipt(seen));

    private static Caller Caller(ProviderAccess access, string account) => new(account, access.Lane, Patient: access.Patient);
}
