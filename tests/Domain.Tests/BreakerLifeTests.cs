using CsCheck;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

/// <summary>The breaker within an integration's life: whatever happens, in whatever order, a sick provider is asked by one probe at a time.</summary>
public sealed class BreakerLifeTests
{
    private static readonly Gen<(Step Step, int Seconds)[]> AnyLife = Gen.Select(
        Gen.Frequency(
            (6, Gen.Const(new Step("a run is asked for", Begin))),
            (5, Gen.Const(new Step("the run fails at the provider", (s, at) => End(s, Trouble, at)))),
            (1, States.AnyError.Select(e => new Step($"the run fails: {e.Class}", (s, at) => End(s, e, at)))),
            (1, Gen.Const(new Step("the run succeeds", (s, at) => End(s, null, at)))),
            (1, Gen.Const(new Step("the run is cancelled", Cancel))),
            (1, States.AnyStep)),
        Gen.Int[0, 4_000]).Array[0, 60];

    private static ProviderError Trouble { get; } = new(ErrorClass.ProviderUnavailable, "http_503", "The provider is away.");

    [Fact]
    public void There_is_never_more_than_one_probe_and_it_is_always_the_open_run() =>
        AnyLife.Sample(life => Live(life, (before, after, now) =>
        {
            if (after.Breaker.Probe is not { } probe) return;
            Assert.Equal(after.Run?.Id, probe);
            Assert.False(after.Breaker.Allows(now));
            Assert.True(before.Breaker.Probe is null || before.Breaker.Probe == probe, "one probe took another's place");
        }));

    [Fact]
    public void While_it_is_open_no_run_begins() =>
        AnyLife.Sample(life => Live(life, (before, after, now) =>
        {
            if (before.Breaker.OpenUntil is not { } until || now >= until) return;
            Assert.True(after.Run is null || after.Run.Id == before.Run?.Id || after.Breaker.OpenUntil is null, "a run began while it was open");
        }));

    [Fact]
    public void A_run_that_fails_at_the_provider_never_makes_its_pause_shorter_and_a_good_one_ends_it() =>
        AnyLife.Sample(life => Live(life, (before, after, now) =>
        {
            if (before.Run is null || after.Run is not null || after.Outbox.RunEnded is not { } end) return;
            if (end.Status == "succeeded") Assert.Equal(new Breaker(), after.Breaker);
            if (end.Message != Trouble.Code || before.Breaker.OpenUntil is null) return;
            Assert.Null(after.Breaker.Probe);
            Assert.True(after.Breaker.OpenUntil > now);
            Assert.True(after.Breaker.OpenUntil - now <= BreakerPolicy.Default.MaxCooldown);
            Assert.True(after.Breaker.Failures > before.Breaker.Failures);
        }));

    /// <summary>An open breaker can always be left: once its pause has ended, a run may begin.</summary>
    [Fact]
    public void No_life_ends_in_a_breaker_that_lets_nothing_through_for_ever() =>
        AnyLife.Sample(life =>
        {
            var (state, now) = Live(life, (_, _, _) => { });
            if (state.Run is not null) state = End(state, Trouble, now);
            if (state is not { Exists: true, Enabled: true, Tokens: not null, Status: not IntegrationStatus.Expired }) return;
            Assert.Null(Lifecycle.RefusesRun(state, force: true, now + BreakerPolicy.Default.MaxCooldown));
        });

    private static (IntegrationState State, DateTimeOffset Now) Live(
        (Step Step, int Seconds)[] life, Action<IntegrationState, IntegrationState, DateTimeOffset> check)
    {
        var (state, now) = (States.Connected() with { Outbox = new() }, States.Begin);
        foreach (var (step, seconds) in life)
        {
            now = now.AddSeconds(seconds);
            // A second run beside an open one is refused by the grain and by the database: not a life.
            if (state.Run is not null && step.Name.EndsWith("run started", StringComparison.Ordinal)) continue;
            if (state.Run is null && step.Name == "run ended") continue;
            if (state.Breaker.OpenUntil is not null && step.Name.EndsWith("run started", StringComparison.Ordinal)) continue;
            var after = step.Apply(state, now);
            check(state, after, now);
            state = after with { Outbox = new() };
        }
        return (state, now);
    }

    private static IntegrationState Begin(IntegrationState state, DateTimeOffset at) =>
        state.Run is null && Lifecycle.RefusesRun(state, force: true, at) is null
            ? Lifecycle.RunStarted(state, new() { Id = Guid.CreateVersion7(at), StartedAt = at })
            : state;

    private static IntegrationState End(IntegrationState state, ProviderError? error, DateTimeOffset at) => state.Run is not { } run
        ? state
        : Lifecycle.RunEnded(state, new() { Id = run.Id, Status = error is null ? "succeeded" : "failed", Message = error?.Code ?? "", EndedAt = at },
            error, RunPolicies.Default, 0.5);

    private static IntegrationState Cancel(IntegrationState state, DateTimeOffset at) => state.Run is not { } run
        ? state
        : Lifecycle.RunEnded(state, new() { Id = run.Id, Status = "cancelled", EndedAt = at }, null, RunPolicies.Default, 0.5);
}
