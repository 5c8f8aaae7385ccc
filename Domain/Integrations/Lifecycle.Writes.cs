using System.Globalization;
using FinanceIntegrations.Domain.Attention;
using FinanceIntegrations.Domain.Auditing;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;

namespace FinanceIntegrations.Domain.Integrations;

/// <summary>The state machine's fourth part: writes. Sent once; what became of one without an answer is looked up, and where nobody can tell, a person says.</summary>
public static partial class Lifecycle
{
    /// <summary>Code of a write that has surely not happened, though no answer said so.</summary>
    public const string NotExecuted = "not_executed";

    /// <summary>Stored before the call.</summary>
    public static IntegrationState WriteBegun(IntegrationState state, OpenWrite write, DateTimeOffset now) =>
        Changed(state with { Writes = [.. state.Writes, write] }, RowOf(write, "sending", now), now)
            .Log(now, "info", "write_begun", $"{write.Order.Kind} by {write.By}.")
            .Audited(write, now, write.By, AuditActions.WriteOrdered);

    /// <summary>What the provider answered. The same state where the write has come to its end already.</summary>
    public static IntegrationState WriteAnswered(
        IntegrationState state, Guid id, ProviderResult<WriteReceipt> answer, WritePolicy policy, DateTimeOffset now) => (Find(state, id), answer.Error) switch
        {
            (null, _) => state,
            ({ } write, null) => Happened(state, write, answer.Value, now),
            ({ } write, { Class: ErrorClass.OutcomeUnknown } error) => BecameUnknown(state, write, error, policy, now),
            ({ } write, { } error) => DidNotHappen(state, write, error, now),
        };

    /// <summary>Whoever sent it is dead: from now on it is looked up.</summary>
    public static IntegrationState WriteAbandoned(IntegrationState state, Guid id, WritePolicy policy, DateTimeOffset now) =>
        Find(state, id) is { Unknown: false } write
            ? BecameUnknown(state, write, new(ErrorClass.OutcomeUnknown, "interrupted", "The call was cut off: it may have taken effect."), policy, now)
            : state;

    /// <summary>What a look-up has shown. That it shows nothing is believed only when the provider has had time to finish.</summary>
    public static IntegrationState WriteLooked(
        IntegrationState state, Guid id, ProviderResult<WriteSighting> seen, WritePolicy policy, DateTimeOffset now)
    {
        if (Find(state, id) is not { Unknown: true } write) return state;
        if (seen.Error is { } error) return LookFailed(state, write, error, policy, now);
        if (seen.Value.Receipt is { } receipt) return Happened(state, write, receipt, now);
        return now - write.Deadline >= policy.Settling
            ? DidNotHappen(state, write, new(ErrorClass.Network, NotExecuted, "No answer came, and the provider shows nothing of it: it did not happen."), now)
            : Replaced(state, write with { FailedLooks = 0, LookAt = Earlier(write.Deadline + policy.Settling, now + policy.Pause(1)) }, now);
    }

    /// <summary>Nobody could tell, and a person says what they know.</summary>
    public static IntegrationState WriteDecided(IntegrationState state, Guid id, bool happened, AttentionSettlement decision)
    {
        if (Find(state, id) is not { Unknown: true } write) return state;
        var row = RowOf(write, happened ? "succeeded" : "failed", decision.At) with
        {
            DecidedBy = decision.By,
            Message = decision.Note,
            ErrorCode = happened ? null : NotExecuted,
            SettledAt = decision.At,
        };
        return Settled(Asked(Changed(Without(state, write), row, decision.At), write.Order.Stream, decision.At), decision)
            .Audited(write, decision.At, decision.By, AuditActions.WriteDecided, ("happened", happened ? "true" : "false"));
    }

    /// <summary>A person wants it looked up at once. Where that tells nothing, they are asked again. The same state where nothing may be called now.</summary>
    public static IntegrationState WriteToBeLookedUp(IntegrationState state, AttentionSettlement wish, Guid id, WritePolicy policy) =>
        !LooksWritesUp(state) ? state
        : Find(state, id) is { Unknown: true } write
            ? Settled(Replaced(state, write with { LookAt = wish.At, FailedLooks = policy.LooksBeforeAttention - 1 }, wish.At), wish)
            : Settled(state, wish);

    /// <summary>False: switched off, or without a consent. Then a person is asked about whatever is unknown.</summary>
    public static bool LooksWritesUp(IntegrationState state) => IsCalled(state);

    /// <summary>Open writes that are brought on without a person: looked up, or, where whoever sent one is dead, known to be unknown.</summary>
    public static IEnumerable<OpenWrite> WritesToBring(IntegrationState state) =>
        LooksWritesUp(state) ? state.Writes : state.Writes.Where(write => !write.Unknown);

    /// <summary>When a write wants attention by itself; null: none is open, or a person is asked about each.</summary>
    public static DateTimeOffset? WritesNeedAt(IntegrationState state) => WritesToBring(state).Min(write => (DateTimeOffset?)write.DueAt);

    /// <summary>Key of the item that asks a person what became of a write.</summary>
    public static string KeyOfWrite(Guid id) => $"{AttentionKinds.OutcomeUnknown}:{id:N}";

    /// <returns>Null: the key is not of such an item.</returns>
    public static Guid? WriteOfKey(string key) =>
        key.Split(':') is [AttentionKinds.OutcomeUnknown, var id] && Guid.TryParseExact(id, "N", out var write) ? write : null;

    /// <summary>Nothing is looked up from now on: a person is asked about what is unknown. What is being sent may still be answered, or become so.</summary>
    private static IntegrationState WritesToBeAsked(IntegrationState state, DateTimeOffset now) =>
        state.Writes.Where(write => write.Unknown).Aggregate(state, (next, write) => next.Raise(AskAbout(state, write, NotLookedUp(state), now)));

    private static ProviderError NotLookedUp(IntegrationState state) => state.Enabled
        ? new(ErrorClass.Consent, "authorization_expired", "the consent is over.")
        : new(ErrorClass.Validation, "switched_off", "the connection is switched off.");

    /// <summary>Nothing is looked up of what was deleted: what is open ends unknown, and its row says so.</summary>
    private static IntegrationState WritesLeftOpen(IntegrationState state, DateTimeOffset now) => state.Writes.Aggregate(state, (next, write) =>
        Changed(Without(next, write), RowOf(write, "outcome_unknown", now) with
        {
            ErrorClass = ErrorClasses.Name(ErrorClass.OutcomeUnknown),
            ErrorCode = "integration_deleted",
            Message = "The integration was deleted before it was known whether this has happened.",
        }, now));

    private static OpenWrite? Find(IntegrationState state, Guid id) => state.Writes.FirstOrDefault(write => write.Id == id);

    private static IntegrationState Happened(IntegrationState state, OpenWrite write, WriteReceipt receipt, DateTimeOffset now)
    {
        var row = RowOf(write, "succeeded", now) with { ExternalId = receipt.ExternalId, ProviderStatus = receipt.Status, SettledAt = now };
        return Asked(Changed(Without(state, write), row, now), write.Order.Stream, now)
            .Settle(KeyOfWrite(write.Id), AttentionChoices.Gone, AttentionSettlement.BySystem, now)
            .Log(now, "info", "write_succeeded", $"{write.Order.Kind}: {receipt.ExternalId} is {receipt.Status}.")
            .Audited(write, now, AuditEntry.BySystem, AuditActions.WriteSucceeded, ("external_id", receipt.ExternalId), ("status", receipt.Status));
    }

    private static IntegrationState DidNotHappen(IntegrationState state, OpenWrite write, ProviderError error, DateTimeOffset now)
    {
        var row = RowOf(write, "failed", now) with { ErrorClass = ErrorClasses.Name(error.Class), ErrorCode = error.Code, Message = error.Message, SettledAt = now };
        return Changed(Without(state, write), row, now)
            .Settle(KeyOfWrite(write.Id), AttentionChoices.Gone, AttentionSettlement.BySystem, now)
            .Log(now, "warning", "write_failed", $"{write.Order.Kind}: {error.Message} ({error.Code})")
            .Audited(write, now, AuditEntry.BySystem, AuditActions.WriteFailed, ("code", error.Code));
    }

    private static IntegrationState BecameUnknown(IntegrationState state, OpenWrite write, ProviderError error, WritePolicy policy, DateTimeOffset now)
    {
        var unknown = write with { Unknown = true, LookAt = now + policy.Pause(0) };
        var row = RowOf(write, "outcome_unknown", now) with { ErrorClass = ErrorClasses.Name(error.Class), ErrorCode = error.Code, Message = error.Message };
        var next = Changed(Replaced(state, unknown, now), row, now)
            .Log(now, "warning", "write_outcome_unknown", $"{write.Order.Kind}: {error.Message} ({error.Code}) It is looked up, and not sent again.");
        return LooksWritesUp(next) ? next : next.Raise(AskAbout(next, unknown, NotLookedUp(next), now));
    }

    private static IntegrationState LookFailed(IntegrationState state, OpenWrite write, ProviderError error, WritePolicy policy, DateTimeOffset now)
    {
        var failed = write.FailedLooks + 1;
        var pause = error.RetryAfter is { } asked && asked > policy.Pause(failed) ? asked : policy.Pause(failed);
        var next = Replaced(state, write with { FailedLooks = failed, LookAt = now + pause }, now);
        return failed == policy.LooksBeforeAttention ? next.Raise(AskAbout(state, write, error, now)) : next;
    }

    private static AttentionItem AskAbout(IntegrationState state, OpenWrite write, ProviderError error, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Key = KeyOfWrite(write.Id),
        Kind = AttentionKinds.OutcomeUnknown,
        Stream = write.Order.Stream,
        WhatHappened = string.Create(CultureInfo.InvariantCulture,
            $"{Describe(write.Order)} was sent to {state.Provider} on {write.Mark.Since.UtcDateTime:u}, no answer came, and it cannot be looked up: {error.Message} ({error.Code}) Our reference: {write.Mark.Reference}."),
        AtStake = "Money, or a dispute: sent again it might happen twice, forgotten it might not happen at all. It is looked up by itself, "
            + (LooksWritesUp(state) ? "ever more seldom." : "once the connection may be used again."),
        Choices =
        [
            new("look_again", "Look it up at the provider now."),
            new("happened", "It has happened: I have seen it at the provider."),
            new("did_not_happen", "It has not happened: I have looked at the provider."),
        ],
        RaisedAt = now,
    };

    private static string Describe(WriteOrder order) => order switch
    {
        CreatePayout payout => string.Create(CultureInfo.InvariantCulture, $"A payout of {payout.Amount} {payout.Currency}"),
        CancelPayout cancel => $"The cancellation of payout {cancel.PayoutId}",
        SubmitEvidence evidence => $"The evidence for dispute {evidence.DisputeId}",
        _ => $"The acceptance of dispute {order.SubjectId}",
    };

    /// <summary>The change is to be read where it shows.</summary>
    private static IntegrationState Asked(IntegrationState state, string stream, DateTimeOffset now) => StreamsAsked(state, [stream], now);

    private static IntegrationState Without(IntegrationState state, OpenWrite write) =>
        state with { Writes = [.. state.Writes.Where(other => other.Id != write.Id)] };

    private static IntegrationState Replaced(IntegrationState state, OpenWrite write, DateTimeOffset now) =>
        state with { Writes = [.. state.Writes.Select(other => other.Id == write.Id ? write : other)], UpdatedAt = now };

    private static IntegrationState Changed(IntegrationState state, OperationRow row, DateTimeOffset now) => state with
    {
        UpdatedAt = now,
        Outbox = state.Outbox with { Operations = [.. state.Outbox.Operations.Where(other => other.Id != row.Id), row] },
    };

    private static OperationRow RowOf(OpenWrite write, string status, DateTimeOffset now) => new()
    {
        Id = write.Id,
        Kind = write.Order.Kind,
        SubjectId = write.Order.SubjectId,
        Order = write.Order,
        Reference = write.Mark.Reference,
        By = write.By,
        Status = status,
        CreatedAt = write.Mark.Since,
        UpdatedAt = now,
    };

    private static IntegrationState Audited(
        this IntegrationState state, OpenWrite write, DateTimeOffset now, string actor, string action, params (string Key, string? Value)[] details) =>
        state.Audit(now, actor, action, write.Id.ToString(), [("kind", write.Order.Kind), ("what", Describe(write.Order)), .. details]);

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
