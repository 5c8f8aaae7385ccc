using FinanceIntegrations.Domain.Attention;
using FinanceIntegrations.Domain.Auditing;
using FinanceIntegrations.Domain.Providers;

namespace FinanceIntegrations.Domain.Integrations;

/// <summary>The integration's state machine: definition and connection. Every change leaves a log line in the outbox.</summary>
public static partial class Lifecycle
{
    public static IntegrationState Created(NewIntegration wish, Guid id, DateTimeOffset now) => new IntegrationState
    {
        Id = id,
        Owner = wish.Owner,
        Name = wish.Name,
        Type = wish.Type,
        Provider = wish.Provider.Value,
        OAuthProvider = wish.OAuthProvider,
        Config = wish.Config,
        Metadata = wish.Metadata,
        SyncFrequencyMinutes = wish.SyncFrequencyMinutes,
        CreatedAt = now,
        UpdatedAt = now,
    }.Log(now, "info", "integration_created", $"Created for {wish.Provider}.")
        .Audit(now, wish.Owner, AuditActions.IntegrationCreated, null, ("provider", wish.Provider.Value));

    /// <summary>Replaces what the user may change. Switching off stops calls; switching on makes a connected integration due at once.</summary>
    public static IntegrationState Updated(IntegrationState state, IntegrationUpdate update, DateTimeOffset now)
    {
        var next = state with
        {
            Name = update.Name,
            Config = update.Config,
            Metadata = update.Metadata,
            SyncFrequencyMinutes = update.SyncFrequencyMinutes,
            Enabled = update.Enabled,
            UpdatedAt = now,
        };
        if (next.NextSyncAt is not null && update.SyncFrequencyMinutes != state.SyncFrequencyMinutes)
            next = next with { NextSyncAt = (state.LastSyncAt ?? now).AddMinutes(update.SyncFrequencyMinutes) };
        next = next.Log(now, "info", "integration_updated", "Definition changed.")
            .Audit(now, state.Owner, AuditActions.IntegrationUpdated, null,
                ("changed", string.Join(',', Changed(state, next))), ("enabled", update.Enabled ? "true" : "false"));
        return (state.Enabled, update.Enabled) switch
        {
            (true, false) => WritesToBeAsked(To(next with { NextSyncAt = null }, IntegrationStatus.Inactive, "switched_off", now), now),
            (false, true) when state.Tokens is not null => To(next with { NextSyncAt = now }, IntegrationStatus.Active, "switched_on", now),
            (false, true) => To(next, IntegrationStatus.Inactive, "not_connected", now),
            _ => next,
        };
    }

    public static IntegrationState AuthorizationBegun(IntegrationState state, PendingAuthorization pending, DateTimeOffset now) =>
        (state with { Authorization = pending, UpdatedAt = now }).Log(now, "info", "authorization_begun", "The user was sent to the provider.");

    /// <summary>Burns the nonce before the code is sent, so that a code can never be used twice through us.</summary>
    public static IntegrationState AuthorizationTaken(IntegrationState state, DateTimeOffset now) => state with { Authorization = null, UpdatedAt = now };

    public static IntegrationState AuthorizationFailed(IntegrationState state, ProviderError error, DateTimeOffset now) =>
        (state with { LastProblem = ProblemOf(error, now), UpdatedAt = now })
        .Log(now, "warning", "authorization_failed", $"{error.Message} ({error.Code})");

    /// <summary>
    /// Why a consent cannot be taken: it is of another account than the one whose cursors, records and doubts are here. Null: it can. A provider that
    /// does not name the account, or not yet, says nothing of another.
    /// </summary>
    public static ProviderError? OtherAccount(IntegrationState state, string? externalAccountId) =>
        state.ExternalAccountId is { } held && externalAccountId is { } given && held != given
            ? new(ErrorClass.BusinessRule, "other_account",
                $"This integration holds the data of account {held}: authorize that one again, and connect account {given} as an integration of its own.")
            : null;

    /// <summary>Consent given: tokens stored, breaker closed, due at once. The id and all data stay as they were.</summary>
    public static IntegrationState Connected(IntegrationState state, TokenSet tokens, string? externalAccountId, DateTimeOffset now)
    {
        if (state.DeletedAt is not null) return state with { UpdatedAt = now };   // deleted while the code was being exchanged
        var next = state with
        {
            Tokens = tokens,
            ExternalAccountId = externalAccountId ?? state.ExternalAccountId,
            Refresh = null,
            RefreshFailures = 0,
            Breaker = new(),
            FailedRuns = 0,
            LastProblem = null,
            NextSyncAt = state.Enabled ? now : null,
            UpdatedAt = now,
        };
        next = next.Log(now, "info", "connected", "The user gave consent.")
            .Audit(now, state.Owner, AuditActions.Connected, next.ExternalAccountId)
            .Settle(AttentionKinds.ConsentNeeded, "authorize", state.Owner, now)
            .Settle(AttentionKinds.ConsentEndsSoon, "authorize", state.Owner, now);
        return state.Enabled ? To(next, IntegrationStatus.Active, "connected", now) : next;
    }

    /// <summary>Only the user can help now: nothing is called until they authorize again. What was read stays.</summary>
    public static IntegrationState Expired(IntegrationState state, string reason, DateTimeOffset now)
    {
        var next = To(state with { NextSyncAt = null }, state.Enabled ? IntegrationStatus.Expired : IntegrationStatus.Inactive, reason, now)
            .Settle(AttentionKinds.ConsentEndsSoon, "gone", AttentionSettlement.BySystem, now);
        return next.Status == IntegrationStatus.Expired ? WritesToBeAsked(next.Raise(ConsentItems.Needed(next, reason, now)), now) : next;
    }

    /// <summary>A webhook says that the user left. Older news than the consent that we hold is no news.</summary>
    public static IntegrationState ConsentWithdrawn(IntegrationState state, DateTimeOffset at, DateTimeOffset now) =>
        state.Tokens is null || at < Floor(state.Tokens.ObtainedAt)
            ? state
            : Expired(state with { Tokens = null }, "consent_withdrawn", now)
                .Log(now, "warning", "consent_withdrawn", "The user disconnected the account at the provider.")
                .Audit(now, AuditEntry.BySystem, AuditActions.ConsentWithdrawn, state.ExternalAccountId);

    /// <summary>Nothing of it is called again; a run that is open ends with it.</summary>
    /// <param name="purge">
    /// What the user and the provider gave us goes too, here at once and in the tables until <see cref="Purged"/>. Who had what, and when it ended, stays,
    /// so that it can be explained.
    /// </param>
    public static IntegrationState Deleted(IntegrationState state, bool purge, string outcome, DateTimeOffset now)
    {
        const string cancelled = "Cancelled: the integration was deleted.";
        var ended = state.Run is { } open
            ? RunCancelled(state, new() { Id = open.Id, Status = "cancelled", Message = cancelled, EndedAt = now })
            : state;
        ended = WritesLeftOpen(ended, now);
        return ((purge ? Bare(ended) : ended) with
        {
            Purge = purge,
            DeletedAt = now,
            Tokens = null,
            Authorization = null,
            Refresh = null,
            NextSyncAt = null,
            Status = IntegrationStatus.Inactive,
            StatusReason = "deleted",
            UpdatedAt = now,
        }).Log(now, "info", "integration_deleted", outcome)
            .Audit(now, state.Owner, AuditActions.IntegrationDeleted, null, ("purged", purge ? "true" : "false"))
            .Settle(AttentionKinds.ConsentNeeded, "gone", AttentionSettlement.BySystem, now)
            .Settle(AttentionKinds.ConsentEndsSoon, "gone", AttentionSettlement.BySystem, now);
    }

    /// <summary>Nothing that it has brought in is left.</summary>
    public static IntegrationState Purged(IntegrationState state, DateTimeOffset now) =>
        (state with { PurgedAt = now, UpdatedAt = now }).Log(now, "info", "integration_purged", "What the integration had brought in was erased.");

    /// <summary>What may stay is named: a member that comes later is forgotten too.</summary>
    private static IntegrationState Bare(IntegrationState state) => new()
    {
        Id = state.Id,
        Owner = state.Owner,
        Name = state.Name,
        Type = state.Type,
        Provider = state.Provider,
        OAuthProvider = state.OAuthProvider,
        SyncFrequencyMinutes = state.SyncFrequencyMinutes,
        Enabled = state.Enabled,
        CreatedAt = state.CreatedAt,
        Outbox = state.Outbox,
    };

    internal static Problem ProblemOf(ProviderError error, DateTimeOffset now) =>
        new() { Class = ErrorClasses.Name(error.Class), Code = error.Code, Message = error.Message, At = now };

    /// <summary>Providers date events in whole seconds; consent given within that second is not older.</summary>
    private static DateTimeOffset Floor(DateTimeOffset at) => DateTimeOffset.FromUnixTimeSeconds(at.ToUnixTimeSeconds());

    private static IntegrationState To(IntegrationState state, IntegrationStatus status, string reason, DateTimeOffset now)
    {
        if (state.Status == status && state.StatusReason == reason) return state;
        var next = state with { Status = status, StatusReason = reason, UpdatedAt = now };
        return state.Status == status
            ? next
            : next.Log(now, status is IntegrationStatus.Active or IntegrationStatus.Inactive ? "info" : "warning", "status_changed",
                $"{Word(state.Status)} → {Word(status)}: {reason}.");
    }

    private static string Word(IntegrationStatus status) => status switch
    {
        IntegrationStatus.Inactive => "inactive",
        IntegrationStatus.Active => "active",
        IntegrationStatus.Error => "error",
        _ => "expired",
    };

    /// <summary>Names of what the user has changed: values may be anything, and are not told.</summary>
    private static IEnumerable<string> Changed(IntegrationState before, IntegrationState after)
    {
        if (before.Name != after.Name) yield return "name";
        if (before.Config != after.Config) yield return "config";
        if (before.Metadata != after.Metadata) yield return "metadata";
        if (before.SyncFrequencyMinutes != after.SyncFrequencyMinutes) yield return "sync_frequency_minutes";
        if (before.Enabled != after.Enabled) yield return "is_active";
    }

    private static IntegrationState Audit(
        this IntegrationState state, DateTimeOffset now, string actor, string action, string? subject, params (string Key, string? Value)[] details) => state with
        {
            Outbox = state.Outbox with
            {
                Audit =
                [
                    .. state.Outbox.Audit,
                    new() { Id = Guid.CreateVersion7(now), At = now, Actor = actor, Action = action, Subject = subject, Details = details.ToDictionary(d => d.Key, d => d.Value) },
                ],
            },
        };

    private static IntegrationState Log(this IntegrationState state, DateTimeOffset now, string level, string @event, string message) =>
        state with { Outbox = state.Outbox with { Logs = [.. state.Outbox.Logs, new(Guid.CreateVersion7(now), now, level, @event, message)] } };
}

/// <summary>What a user asks for. Validated at the Api: name 1–200 characters, frequency within <see cref="SyncSchedule"/>'s range.</summary>
public sealed record NewIntegration(string Owner, string Name, IntegrationType Type, ProviderId Provider)
{
    public string? OAuthProvider { get; init; }

    public string Config { get; init; } = "{}";

    public string Metadata { get; init; } = "{}";

    public int SyncFrequencyMinutes { get; init; } = 60;
}

public sealed record IntegrationUpdate(string Name, string Config, string Metadata, int SyncFrequencyMinutes, bool Enabled);
