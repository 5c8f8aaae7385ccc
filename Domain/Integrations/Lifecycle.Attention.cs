using System.Globalization;
using FinanceIntegrations.Domain.Attention;
using FinanceIntegrations.Domain.Auditing;
using FinanceIntegrations.Domain.Sync;

namespace FinanceIntegrations.Domain.Integrations;

/// <summary>What the state machine lays before a person, and what takes it away again.</summary>
public static partial class Lifecycle
{
    private const string RepeatedFailure = AttentionKinds.RepeatedFailure;

    /// <summary>A person's choice, and with it the end of the doubts that the item stood for.</summary>
    public static IntegrationState Settled(IntegrationState state, AttentionSettlement settlement) => (state with
    {
        Doubts = [.. state.Doubts.Where(doubt => KeyOf(doubt) != settlement.Key)],
        UpdatedAt = settlement.At,
        Outbox = state.Outbox with { AttentionSettled = [.. state.Outbox.AttentionSettled, settlement] },
    }).Log(settlement.At, "info", "attention_settled", $"{settlement.Key}: {settlement.Choice}.")
        .Audit(settlement.At, settlement.By, AuditActions.AttentionSettled, settlement.Key, ("choice", settlement.Choice));

    /// <summary>No parked row of the stream waits any more: somebody had them mapped again. The same state where none was known to wait.</summary>
    public static IntegrationState ParkedRowsMapped(IntegrationState state, string stream, string by, string? note, DateTimeOffset now)
    {
        var doubt = new Doubt(Trust.RowsParked, stream);
        return state.Doubts.Contains(doubt)
            ? Settled(state, new() { Key = KeyOf(doubt), Choice = AttentionChoices.Remap.Code, By = by, Note = note, At = now })
            : state;
    }

    /// <summary>Raises an item for each thing that the run found to doubt, and settles those that it has dispelled.</summary>
    private static IntegrationState Attended(IntegrationState state, RunEnd end, TrustPolicy policy)
    {
        var now = end.EndedAt;
        var found = DoubtsOf(state, end, policy);
        var cleared = end.Status == "failed" ? end.Cleared : [.. end.Cleared, new(RepeatedFailure, null)];
        Doubt[] doubts = [.. state.Doubts.Except(cleared).Where(doubt => !IsLookedAt(doubt, end)).Union(found)];
        var settled = state.Doubts.Select(KeyOf).Except(doubts.Select(KeyOf)).ToList();
        return state with
        {
            LastRun = new() { Id = end.Id, Status = end.Status, Reasons = end.Reasons, EndedAt = now },
            Scarce = end.Scarce,
            Doubts = doubts,
            Outbox = state.Outbox with
            {
                AttentionRaised = [.. state.Outbox.AttentionRaised, .. found.GroupBy(KeyOf).Select(group => ItemOf(group.Key, [.. group], end, state))],
                AttentionSettled = [.. state.Outbox.AttentionSettled, .. settled.Select(key => Gone(key, now))],
            },
        };
    }

    /// <summary>Failed streams of a run that read others are each a matter of their own. Of a run that read none, only several in a row are.</summary>
    private static List<Doubt> DoubtsOf(IntegrationState state, RunEnd end, TrustPolicy policy)
    {
        var doubts = end.Reasons
            .Where(reason => reason.Code != Trust.EntriesDisagree && (reason.Code != Trust.StreamFailed || end.Status == "partial"))
            .Select(reason => new Doubt(reason.Code, reason.Stream))
            .Concat(end.Payouts.Select(DoubtOf)).Distinct().ToList();
        if (end.Status == "failed" && state.FailedRuns >= policy.FailuresBeforeAttention && state.Status != IntegrationStatus.Expired)
            doubts.Add(new(RepeatedFailure, null));
        return doubts;
    }

    private static Doubt DoubtOf(PayoutFinding payout) => new(Trust.EntriesDisagree, payout.Stream, payout.Payout);

    /// <summary>A finding about payouts is about all of them each time: one that it does not name again adds up.</summary>
    private static bool IsLookedAt(Doubt doubt, RunEnd end) => doubt.Subject is not null
        && (end.Cleared.Contains(doubt with { Subject = null }) || end.Reasons.Any(reason => reason.Code == doubt.Code && reason.Stream == doubt.Stream));

    private static string KeyOf(Doubt doubt) => (doubt.Subject ?? doubt.Stream) is { } subject ? $"{KindOf(doubt.Code)}:{subject}" : KindOf(doubt.Code);

    /// <summary>The payout that an item of the kind <c>payout_mismatch</c> is about; null: it is of another kind.</summary>
    public static string? PayoutOfKey(string key) =>
        key.StartsWith(AttentionKinds.PayoutMismatch + ":", StringComparison.Ordinal) ? key[(AttentionKinds.PayoutMismatch.Length + 1)..] : null;

    private static string KindOf(string code) => code switch
    {
        Trust.StreamFailed => AttentionKinds.StreamFailed,
        Trust.RowsParked => AttentionKinds.RowsParked,
        Trust.EntriesDisagree => AttentionKinds.PayoutMismatch,
        RepeatedFailure => RepeatedFailure,
        _ => AttentionKinds.DataSuspicious,
    };

    private static AttentionSettlement Gone(string key, DateTimeOffset now) => new() { Key = key, Choice = AttentionChoices.Gone, At = now };

    private static AttentionItem ItemOf(string key, IReadOnlyList<Doubt> doubts, RunEnd end, IntegrationState state)
    {
        var kind = KindOf(doubts[0].Code);
        var reasons = kind == AttentionKinds.PayoutMismatch
            ? end.Payouts.Where(payout => doubts.Contains(DoubtOf(payout))).Select(Describe)
            : end.Reasons.Where(reason => doubts.Contains(new(reason.Code, reason.Stream))).Select(reason => reason.Message);
        var (atStake, choices) = kind switch
        {
            AttentionKinds.StreamFailed => ("What is new or changed in this stream is missing; the other streams are read.", (AttentionChoice[])
                [AttentionChoices.Retry, AttentionChoices.Dismiss]),
            AttentionKinds.RowsParked => ("These rows are missing from what we show, and from every sum over it.",
                [AttentionChoices.Remap, AttentionChoices.Dismiss]),
            AttentionKinds.PayoutMismatch => ("The bank's deposit cannot be told apart into payments: something is missing from the payout's entries, or too much.",
                [AttentionChoices.FullRead, AttentionChoices.AcceptPayout, AttentionChoices.Dismiss]),
            RepeatedFailure => ("Nothing new is read. It is retried by itself, ever more seldom.", [AttentionChoices.Retry, AttentionChoices.Dismiss]),
            _ => ("What we show may be incomplete or out of date.", doubts.Any(doubt => doubt.Code != Trust.TotalDisagrees)
                ? [AttentionChoices.FullRead, AttentionChoices.Accept, AttentionChoices.Dismiss]
                : [AttentionChoices.FullRead, AttentionChoices.Dismiss]),
        };
        return new()
        {
            Id = Guid.CreateVersion7(end.EndedAt),
            Key = key,
            Kind = kind,
            Stream = doubts[0].Stream,
            WhatHappened = kind == RepeatedFailure ? $"{state.FailedRuns} runs in a row have failed. The last: {end.Message}" : string.Join(' ', reasons),
            AtStake = atStake,
            Choices = choices,
            RaisedAt = end.EndedAt,
        };
    }

    private static string Describe(PayoutFinding payout) => string.Create(CultureInfo.InvariantCulture,
        $"Payout {payout.Payout} is of {payout.Currency} {payout.Amount}, and its entries add up to {payout.Net}: a difference of {payout.Difference}.");
}
