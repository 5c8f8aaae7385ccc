using FinanceIntegrations.Data.Budgets;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Budgets;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Budgets;

/// <summary>What people see of a budget: used, leased, left, when it refills, who waits.</summary>
public sealed class CallBudgetReaderTests(OwnDatabase own) : DatabaseTest(own)
{
    private static readonly CallLimit Hour = new() { Calls = 100, Per = TimeSpan.FromHours(1) };

    private readonly string _account = $"acct_{NewId():N}";

    private CallBudgetStore Store => new(Source);

    private CallBudgetReader Reader => new(Source);

    [Fact]
    public async Task It_shows_what_is_used_what_is_leased_what_is_left_and_when_the_first_call_comes_back()
    {
        var layout = new BudgetLayout([Hour]);
        var first = (await Store.LeaseAsync(Ask(Lane.Schedule, 10), layout, Cancel)).Lease;
        await Store.LeaseAsync(Ask(Lane.Schedule, 5) with { Last = first, Unused = 4 }, layout, Cancel);

        var shown = Assert.Single(await Reader.OfAccountAsync("stripe", _account, Cancel));
        Assert.Equal((TimeSpan.FromHours(1), 100, 6, 5, 89), (shown.Per, shown.Calls, shown.Used, shown.Leased, shown.Left));
        Assert.InRange(shown.RefillsAt!.Value - first.From, TimeSpan.FromHours(1), TimeSpan.FromHours(1.2));
        Assert.Null(shown.BlockedUntil);
        Assert.Empty(shown.Waiting);
    }

    [Fact]
    public async Task It_shows_who_waits_and_how_long_the_provider_wants_to_be_left_alone()
    {
        var layout = new BudgetLayout([Hour]);
        await Store.LeaseAsync(Ask(Lane.Person, 1), layout, Cancel);
        await Store.BlockAsync(new("stripe", _account, "*"), TimeSpan.FromMinutes(5), Cancel);
        var refused = await Store.LeaseAsync(Ask(Lane.Backfill, 1) with { Waiting = 3, Waited = TimeSpan.FromSeconds(4) }, layout, Cancel);

        var shown = Assert.Single(await Reader.OfAccountAsync("stripe", _account, Cancel));
        Assert.Equal(refused.Lease.RefusedUntil, shown.BlockedUntil);
        var waiting = Assert.Single(shown.Waiting);
        Assert.Equal((Lane.Backfill, 3, refused.AskedAt.AddSeconds(-4)), (waiting.Lane, waiting.Calls, waiting.Since));
        Assert.Contains(await Reader.ListAsync("stripe", 100, Cancel), row => row.Account == _account && row.Waiting.Count == 1);
    }

    [Fact]
    public async Task An_account_sees_its_own_and_the_apps_and_nobody_elses()
    {
        var layout = new BudgetLayout([Hour]);
        foreach (var account in new[] { "", _account, _account + "_other" })
            await Store.LeaseAsync(Ask(Lane.Person, 1) with { Budget = new("xero", account, "*") }, layout, Cancel);
        Assert.Equal([_account, ""], (await Reader.OfAccountAsync("xero", _account, Cancel)).Select(row => row.Account));
        Assert.Equal(3, (await Reader.ListAsync("xero", 100, Cancel)).Count);
        Assert.Equal("", (await Reader.ListAsync("xero", 1, Cancel))[0].Account);
    }

    [Fact]
    public async Task A_paced_budget_shows_what_is_given_out_ahead()
    {
        var lease = await Store.LeaseAsync(Ask(Lane.Person, 5), new([new() { Calls = 20, Per = TimeSpan.FromSeconds(5) }]), Cancel);
        var shown = Assert.Single(await Reader.OfAccountAsync("stripe", _account, Cancel));
        Assert.Equal(20, shown.Used + shown.Leased + shown.Left);
        Assert.True(shown.RefillsAt is null || shown.RefillsAt == lease.Lease.Until);
    }

    private LeaseRequest Ask(Lane lane, int want) => new() { Budget = new("stripe", _account, "*"), Lane = lane, Want = want, Holder = "silo" };
}
