using System.Net;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Providers;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Stripe;

/// <summary>What the transport asks of the call budgets, and what it tells them.</summary>
public sealed class StripeBudgetTests
{
    private readonly ScriptedBudgets _budgets = new();

    [Fact]
    public async Task Every_attempt_takes_its_turn_under_the_account_and_the_lane_of_the_call()
    {
        using var bench = Bench();
        bench.Provider.AnswerWith(() => ScriptedProvider.Json("{}", HttpStatusCode.BadGateway), () => bench.List(false));
        var access = bench.Access with { Lane = Lane.Backfill, Patient = true };
        Assert.True((await bench.Connector.FetchPageAsync(new(access, "payouts", null, false), StripeBench.Cancel)).Ok);
        Assert.Equal(2, bench.Provider.Sent.Count);
        Assert.Equal(Enumerable.Repeat(new Caller(StripeBench.Account, Lane.Backfill, Patient: true), 2), _budgets.Entered);
    }

    [Fact]
    public async Task A_call_that_gets_no_turn_is_not_made_and_says_when_to_come_again()
    {
        using var bench = Bench();
        _budgets.Refuses = TimeSpan.FromMinutes(7);
        var error = (await bench.FetchAsync("payouts")).Error!;
        Assert.Equal((ErrorClass.RateLimited, "budget_used_up", TimeSpan.FromMinutes(7)), (error.Class, error.Code, error.RetryAfter));
        Assert.Empty(bench.Provider.Sent);
    }

    [Fact]
    public async Task Too_many_calls_is_told_with_the_wait_that_the_provider_asks_for_and_a_good_answer_is_not()
    {
        using var bench = Bench(("Providers:Stripe:Limits:MaxRetries", "0"));
        bench.Provider.AnswerWith(() =>
        {
            var answer = ScriptedProvider.Json("""{"error":{"code":"rate_limit"}}""", HttpStatusCode.TooManyRequests);
            answer.Headers.RetryAfter = new(TimeSpan.FromSeconds(9));
            return answer;
        }, () => bench.List(false), () => ScriptedProvider.Json("""{"error":{"code":"lock_timeout"}}""", HttpStatusCode.TooManyRequests));
        Assert.Equal(TimeSpan.FromSeconds(9), (await bench.FetchAsync("payouts")).Error!.RetryAfter);
        Assert.True((await bench.FetchAsync("payouts")).Ok);
        Assert.Equal(ErrorClass.ProviderUnavailable, (await bench.FetchAsync("payouts")).Error!.Class);   // one object is busy: no limit
        Assert.Equal(new RateSigns(true, TimeSpan.FromSeconds(9)), Assert.Single(_budgets.Told));
    }

    [Fact]
    public async Task OAuth_calls_are_counted_as_the_platforms_own()
    {
        using var bench = Bench();
        bench.Provider.AnswerWith(() => ScriptedProvider.Json("""{"access_token":"a","refresh_token":"r","stripe_user_id":"acct_1"}"""));
        Assert.True((await bench.Auth.RefreshAsync("rt_1", StripeBench.Cancel)).Ok);
        Assert.Equal(new Caller("platform", Lane.Person, "oauth"), Assert.Single(_budgets.Entered));
    }

    [Fact]
    public async Task The_limits_are_those_of_the_configuration()
    {
        using var bench = Bench(
            ("Providers:Stripe:Limits:Budgets:0:Scope", "App"), ("Providers:Stripe:Limits:Budgets:0:Calls", "10000"),
            ("Providers:Stripe:Limits:Budgets:0:Per", "00:01:00"), ("Providers:Stripe:Limits:Budgets:1:Calls", "5000"),
            ("Providers:Stripe:Limits:Budgets:1:Per", "1.00:00:00"), ("Providers:Stripe:Limits:Budgets:1:ResetsAt", "07:00:00"));
        bench.Provider.AnswerWith(() => bench.List(false));
        await bench.FetchAsync("payouts");
        Assert.Equal(
            [(new BudgetKey("stripe", StripeBench.Account, "*"), 2), (new("stripe", "", "*"), 1)],
            _budgets.Limits!.BudgetsOf(_budgets.Entered[0]).Select(b => (b.Key, b.Limits.Count)));
    }

    private StripeBench Bench(params (string, string)[] settings) =>
        new(_budgets, [("Providers:Stripe:Limits:CallsPerSecondPerAccount", "20"), .. settings]);

    private sealed class ScriptedBudgets : ICallBudgets
    {
        public List<Caller> Entered { get; } = [];

        public List<RateSigns> Told { get; } = [];

        public TimeSpan? Refuses { get; set; }

        public ProviderLimits? Limits { get; private set; }

        public ValueTask<TimeSpan?> EnterAsync(ProviderLimits provider, Caller caller, CancellationToken cancel)
        {
            Limits = provider;
            Entered.Add(caller);
            return new(Refuses);
        }

        public ValueTask ObserveAsync(ProviderLimits provider, Caller caller, RateSigns signs)
        {
            Told.Add(signs);
            return default;
        }
    }
}
