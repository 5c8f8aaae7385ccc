using FinanceIntegrations.Data.Budgets;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Tests.Budgets;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Budgets;

/// <summary>Budgets that many silos share: whoever asks, whenever, and whoever dies, the limit holds.</summary>
public sealed class CallBudgetStoreTests(OwnDatabase own) : DatabaseTest(own)
{
    private static readonly CallLimit Minute = new() { Calls = 60, Per = TimeSpan.FromMinutes(1) };
    private static readonly CallLimit Day = new() { Calls = 5_000, Per = TimeSpan.FromDays(1) };
    private static readonly CallLimit Second = new() { Calls = 20, Per = TimeSpan.FromSeconds(1) };

    private readonly BudgetKey _budget = new("stripe", $"acct_{NewId():N}", "*");

    private CallBudgetStore Store => new(Source);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task The_statement_gives_out_exactly_what_the_rule_does(int seed)
    {
        var chance = new Random(seed);
        CallLimit[] limits = seed switch
        {
            1 => [Minute],
            2 => [Second],
            3 => [Minute, Day],
            4 => [Second, new() { Calls = 300, Per = TimeSpan.FromMinutes(1) }],
            5 => [new() { Calls = 4, Per = TimeSpan.FromDays(1), ResetsAt = TimeSpan.FromHours(9) }],
            _ => [Minute, new() { Calls = 90, Per = TimeSpan.FromMinutes(5), ResetsAt = TimeSpan.Zero }],
        };
        var layout = new BudgetLayout(limits);
        var (rule, now) = (new CallBudget(layout.Limits), Begin);
        var last = new CallLease[Lanes.Count];
        for (var step = 0; step < 300; step++)
        {
            now = now.AddMilliseconds(chance.Next(6) == 0 ? chance.Next(100_000) : chance.Next(-50, 700));
            var lane = (Lane)chance.Next(Lanes.Count);
            var held = last[(int)lane];
            var unused = held.Calls == 0 || chance.Next(3) == 0 ? 0 : chance.Next(held.Calls + 1);
            if (chance.Next(30) == 0)
            {
                var remaining = chance.Next(limits[0].Calls);
                await Store.ObserveAsync(_budget, limits[^1].Per, remaining, Cancel, now);
                rule = rule.Observe(limits[^1].Per, remaining, await LeasedAsync(limits[^1], now > rule.Next ? now : rule.Next), now);
            }
            if (unused > 0) rule = rule.Return(held, lane, unused);   // the statement takes back what it is told with the next request
            var waited = TimeSpan.FromSeconds(chance.Next(0, 6));
            var (want, expected) = (chance.Next(1, 30), default(CallLease));
            (rule, expected) = rule.Ask(lane, want, waited, now);
            var reply = await Store.LeaseAsync(Ask(lane, want, held, unused) with { Waited = waited, Now = now }, layout, Cancel);

            Assert.Equal((step, expected.Calls, expected.RefusedUntil), (step, reply.Lease.Calls, reply.Lease.RefusedUntil));
            if (expected.Calls > 0) Assert.Equal((step, expected), (step, reply.Lease));
            Assert.Equal(now, reply.AskedAt);
            last[(int)lane] = reply.Lease;
        }
    }

    [Fact]
    public async Task Thirty_connections_that_take_as_fast_as_they_can_get_exactly_the_limit_together()
    {
        var layout = new BudgetLayout([new() { Calls = 1_000, Per = TimeSpan.FromHours(1) }]);
        var taken = await Task.WhenAll(Enumerable.Range(0, 30).Select(n => Task.Run(async () =>
        {
            var sum = 0;
            while (true)
            {
                var lease = (await Store.LeaseAsync(Ask(Lane.Person, 1 + (n % 7)), layout, Cancel)).Lease;
                if (lease.Calls == 0) return sum;
                sum += lease.Calls;
            }
        }, Cancel)));
        Assert.Equal(Lanes.Room(1_000, [0, 0, 0, 0], Lane.Person), taken.Sum());
        Assert.All(taken, sum => Assert.True(sum > 0, "one got nothing"));
    }

    [Fact]
    public async Task Paced_leases_of_several_silos_are_stretches_of_time_of_their_own()
    {
        var layout = new BudgetLayout([Second]);
        var leases = (await Task.WhenAll(Enumerable.Range(0, 12).Select(n => Store.LeaseAsync(Ask(Lane.Person, 1 + n), layout, Cancel))))
            .Select(r => r.Lease).Where(l => l.Calls > 0).OrderBy(l => l.From).ToList();
        Assert.True(leases.Count > 3, $"{leases.Count} leases");
        Assert.All(leases, l => Assert.Equal(l.From + (TimeSpan.FromMilliseconds(50) * l.Calls), l.Until));
        Assert.All(leases.Zip(leases.Skip(1)), pair => Assert.True(pair.First.Until <= pair.Second.From));
    }

    [Fact]
    public async Task What_a_dead_silo_had_is_used_and_nothing_else_is_lost()
    {
        var layout = new BudgetLayout([Minute]);
        var dead = (await LeaseAsync(layout, Lane.Schedule, 10, Begin)).Calls;
        var left = 0;
        for (var at = Begin; at < Begin + TimeSpan.FromSeconds(55); at += TimeSpan.FromSeconds(5)) left += (await LeaseAsync(layout, Lane.Schedule, 60, at)).Calls;
        Assert.Equal(Lanes.Room(60, [0, 0, 0, 0], Lane.Schedule) - dead, left);

        var over = Begin + (Minute.SlotLength * (Minute.Slots + 1));   // its slot and the others' first counts no more
        Assert.True((await LeaseAsync(layout, Lane.Schedule, 60, over)).Calls >= dead);
    }

    [Fact]
    public async Task A_returned_call_is_had_by_another_silo()
    {
        var layout = new BudgetLayout([Minute]);
        var whole = await LeaseAsync(layout, Lane.Person, 60, Begin);
        Assert.Equal(0, (await LeaseAsync(layout, Lane.Person, 1, Begin)).Calls);
        await Store.LeaseAsync(Ask(Lane.Person, 0, whole, unused: 7) with { Now = Begin.AddSeconds(1) }, layout, Cancel);
        Assert.Equal(7, (await LeaseAsync(layout, Lane.Person, 60, Begin.AddSeconds(2))).Calls);
    }

    [Fact]
    public async Task A_wait_that_the_provider_asked_of_one_is_everybodys()
    {
        var layout = new BudgetLayout([Second]);
        await Store.LeaseAsync(Ask(Lane.Schedule, 1), layout, Cancel);
        await Store.BlockAsync(_budget, TimeSpan.FromSeconds(30), Cancel);
        await Store.BlockAsync(_budget, TimeSpan.FromSeconds(2), Cancel);   // a shorter wish shortens nothing
        var reply = await Store.LeaseAsync(Ask(Lane.Person, 1) with { Holder = "other" }, layout, Cancel);
        Assert.Equal(0, reply.Lease.Calls);
        Assert.InRange(reply.Lease.RefusedUntil!.Value - reply.AskedAt, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Who_still_waits_is_noted_until_they_do_not()
    {
        var layout = new BudgetLayout([Minute]);
        await LeaseAsync(layout, Lane.Person, 60, Begin);
        await Store.LeaseAsync(Ask(Lane.Backfill, 1) with { Waiting = 3, Waited = TimeSpan.FromSeconds(4), Now = Begin }, layout, Cancel);
        Assert.Equal("2 2026-11-01T11:59:56+00:00", await Source.ScalarAsync<string>(
            "select waiting #>> '{silo,calls}' || ' ' || (waiting #>> '{silo,since}') from call_budgets where account = $1", Cancel, _budget.Account));
        await Store.LeaseAsync(Ask(Lane.Backfill, 1) with { Now = Begin.AddMinutes(2) }, layout, Cancel);
        Assert.Equal("{}", await Source.ScalarAsync<string>("select waiting::text from call_budgets where account = $1", Cancel, _budget.Account));
    }

    [Fact]
    public async Task A_budget_is_forgotten_when_its_period_is_long_over_and_not_before()
    {
        await LeaseAsync(new([Minute]), Lane.Person, 1, DateTimeOffset.UnixEpoch.AddYears(50));
        await Store.LeaseAsync(Ask(Lane.Person, 1) with { Budget = _budget with { Class = "fresh" } }, new([Day]), Cancel);
        await Store.ForgetAsync(Cancel);
        Assert.Equal(["fresh"], await Source.ListAsync<string>("select class from call_budgets where account = $1", Cancel, _budget.Account));
    }

    private async Task<CallLease> LeaseAsync(BudgetLayout layout, Lane lane, int want, DateTimeOffset now) =>
        (await Store.LeaseAsync(Ask(lane, want) with { Now = now }, layout, Cancel)).Lease;

    private LeaseRequest Ask(Lane lane, int want, CallLease last = default, int unused = 0) =>
        new() { Budget = _budget, Lane = lane, Want = want, Holder = "silo", Last = last, Unused = unused };

    private Task<int> LeasedAsync(CallLimit limit, DateTimeOffset at) => Source.ScalarAsync<int>(
        "select coalesce(max(case when leased_until < $2 then 0 else leased end), 0) from call_budgets where account = $1 and period_us = $3", Cancel,
        _budget.Account, at, (long)limit.Per.TotalMicroseconds);
}
