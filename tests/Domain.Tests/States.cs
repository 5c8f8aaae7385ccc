using CsCheck;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;
using FinanceIntegrations.Domain.Tokens;

namespace FinanceIntegrations.Domain.Tests;

/// <summary>Any life that an integration can have: a chain of transitions, each some minutes after the one before.</summary>
internal static class States
{
    public static readonly DateTimeOffset Begin = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly Gen<ProviderError> AnyError =
        from kind in Any.Of(Enum.GetValues<ErrorClass>())
        from own in Gen.Bool
        from retryAfter in Gen.Int[0, 100_000].Nullable()
        select new ProviderError(kind, "some_code", "Something happened.")
        {
            OwnCredential = own && kind == ErrorClass.Authentication,
            RetryAfter = retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };

    public static readonly TokenRules AnyRules = new() { Grace = TimeSpan.FromMinutes(30) };

    /// <summary>Tokens as a vault seals them: with or without an end.</summary>
    public static readonly Gen<Func<DateTimeOffset, TokenSet>> AnyTokens =
        from lifetime in Gen.Int[1, 100_000].Nullable()
        from consent in Gen.Int[1, 100].Nullable()
        from chance in Gen.Double[0, 1]
        select (Func<DateTimeOffset, TokenSet>)(at => new()
        {
            AccessToken = "x",
            RefreshToken = "r",
            ObtainedAt = at,
            ExpiresAt = lifetime is { } seconds ? at.AddSeconds(seconds) : null,
            RefreshExpiresAt = consent is { } days ? at.AddDays(days) : null,
            RefreshAt = TokenPolicy.RefreshAt(at, lifetime is { } life ? at.AddSeconds(life) : null, AnyRules, TokenMargins.Default, chance),
            WarnAt = TokenPolicy.WarnAt(consent is { } left ? at.AddDays(left) : null, AnyRules, at),
        });

    public static readonly Gen<Step> AnyStep = Gen.OneOf(
        Gen.Bool.Select(enabled => new Step("updated", (s, at) =>
            Lifecycle.Updated(s, new("Name", "{}", "{}", s.SyncFrequencyMinutes == 60 ? 30 : 60, enabled), at))),
        Gen.Const(new Step("authorization begun", (s, at) => Lifecycle.AuthorizationBegun(s, new() { Nonce = "n" }, at))),
        Gen.Const(new Step("authorization taken", Lifecycle.AuthorizationTaken)),
        AnyError.Select(e => new Step("authorization failed", (s, at) => Lifecycle.AuthorizationFailed(s, e, at))),
        AnyTokens.Select(tokens => new Step("connected", (s, at) => Lifecycle.Connected(s, tokens(at), "acct", at))),
        Any.Of("silo/1", "silo/2").Select(owner => new Step("refresh begun", (s, at) => Lifecycle.RefreshBegun(s, Intent(at, owner), at))),
        AnyTokens.Select(tokens => new Step("refreshed", (s, at) => Lifecycle.Refreshed(s, Attempt(s, at), tokens(at), at))),
        AnyError.Select(e => new Step("refresh failed", (s, at) => Lifecycle.RefreshFailed(s, Attempt(s, at), e, AnyRules, 0.5, at))),
        Gen.Const(new Step("warned", (s, at) => Lifecycle.ConsentWarned(s, AnyRules, at))),
        Gen.Int[-600, 600].Select(ago => new Step("consent withdrawn", (s, at) => Lifecycle.ConsentWithdrawn(s, at.AddSeconds(-ago), at))),
        Gen.Const(new Step("run started", (s, at) => Lifecycle.RunStarted(s, new() { Id = Guid.CreateVersion7(at), StartedAt = at }))),
        Gen.Select(Gen.Int[0, 5], Gen.Double[0, 1]).Select(h => new Step("history found", (s, at) => Lifecycle.HistoryFound(s, new(h.Item1, h.Item2), at))),
        Gen.Const(new Step("history run started", (s, at) => Lifecycle.RunStarted(s, HistoryRun(at)))),
        AnyError.Null(0.4).Select(e => new Step("history run ended", (s, at) => HistoryRunEnded(s, e, at))),
        Gen.Const(new Step("streams asked", (s, at) => Lifecycle.StreamsAsked(s, ["payouts", "disputes"], at))),
        Gen.Const(new Step("asked run started", (s, at) =>
            Lifecycle.RunStarted(s, new() { Id = Guid.CreateVersion7(at), Streams = ["payouts"], StartedAt = at }))),
        Gen.Const(new Step("run widened", (s, at) => s.Run is null ? s : Lifecycle.RunWidened(s, at))),
        AnyError.Null(0.4).Select(e => new Step("run ended", (s, at) => RunEnded(s, e, at))),
        AnyError.Null(0.5).Select(e => new Step("run ended in doubt", (s, at) => Lifecycle.RunEnded(
            s, new() { Id = s.Run?.Id ?? default, Status = "partial", Reasons = [new(Trust.RowsParked, "payouts", "m")], EndedAt = at }, e,
            RunPolicies.Default, 0.5))),
        Gen.Bool.Select(purge => new Step("deleted", (s, at) => Lifecycle.Deleted(s, purge, "Revoked.", at))));

    /// <summary>A state reached by up to 30 steps, and the moment after them.</summary>
    public static readonly Gen<(IntegrationState State, DateTimeOffset Now)> AnyState =
        Gen.Select(AnyStep, Gen.Int[0, 600]).Array[0, 30].Select(life =>
        {
            var (state, now) = (New(), Begin);
            foreach (var (step, minutes) in life)
            {
                now = now.AddMinutes(minutes);
                state = step.Apply(state, now) with { Outbox = new() };
            }
            return (state, now);
        });

    public static IntegrationState New() => Lifecycle.Created(
        new("alice", "Shop", IntegrationType.PaymentProcessor, ProviderId.Stripe), Guid.CreateVersion7(Begin), Begin) with
    { Outbox = new() };

    public static IntegrationState Connected() => Lifecycle.Connected(New(), new() { AccessToken = "x", ObtainedAt = Begin }, "acct", Begin);

    public static RefreshIntent Intent(DateTimeOffset at, string owner = "silo/1") => new()
    {
        Attempt = Guid.CreateVersion7(at),
        Owner = owner,
        Fingerprint = Fingerprint,
        BegunAt = at,
        Deadline = at.AddSeconds(35),
    };

    /// <summary>Of the refresh token of <see cref="AnyTokens"/>.</summary>
    public const string Fingerprint = "f";

    /// <summary>That of the open intent, or one that nobody began.</summary>
    public static Guid Attempt(IntegrationState state, DateTimeOffset at) => state.Refresh?.Attempt ?? Guid.CreateVersion7(at);

    public static RunInProgress HistoryRun(DateTimeOffset at) =>
        new() { Id = Guid.CreateVersion7(at), Trigger = RunInProgress.HistoryTrigger, StartedAt = at };

    public static IntegrationState HistoryRunEnded(IntegrationState state, ProviderError? error, DateTimeOffset at) => Lifecycle.HistoryRunEnded(
        state, new() { Id = state.Run?.Id ?? default, Status = error is null ? "succeeded" : "failed", Streams = [new() { Stream = "transactions", ErrorClass = error is null ? null : ErrorClasses.Name(error.Class) }], EndedAt = at }, error, RunPolicies.Default, 0.5);

    public static IntegrationState RunEnded(IntegrationState state, ProviderError? error, DateTimeOffset at) =>
        Lifecycle.RunEnded(state, new() { Id = state.Run?.Id ?? default, Status = error is null ? "succeeded" : "failed", EndedAt = at }, error, RunPolicies.Default, 0.5);
}

internal sealed record Step(string Name, Func<IntegrationState, DateTimeOffset, IntegrationState> Apply)
{
    public override string ToString() => Name;
}

internal static class Any
{
    public static Gen<T> Of<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
