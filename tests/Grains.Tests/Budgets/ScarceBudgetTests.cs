using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Grains.Budgets;
using FinanceIntegrations.Grains.Tests.Cluster;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace FinanceIntegrations.Grains.Tests.Budgets;

public sealed class ScarceBudgetTests(GrainCluster cluster) : GrainTest(cluster)
{
    /// <summary>Budgets refill by the machine's clock; ours may be months ahead of it.</summary>
    private static readonly TimeSpan Decade = TimeSpan.FromDays(3_650);

    [Fact]
    public async Task Status_tells_of_a_budget_that_is_nearly_used_up_and_the_score_falls()
    {
        var connection = await ConnectedAsync();
        await SyncedAsync(connection);
        var before = await connection.StatusAsync();
        Assert.Null(before.Budget);

        var limits = new ProviderLimits(connection.Provider, [new() { Calls = 20, Per = Decade }], TimeSpan.FromSeconds(1));
        var caller = new Caller(connection.Script.Account, Lane.Person);
        var silo = new CallBudgets(new(Cluster.Database), NullLogger<CallBudgets>.Instance);
        while (await silo.EnterAsync(limits, caller, Cancel) is null)
        {
            // until nothing is left
        }
        await SyncedAsync(connection);

        var after = await connection.StatusAsync();
        Assert.Equal((0, 20, Decade.TotalSeconds), (after.Budget?.Left, after.Budget?.Limit, after.Budget?.PerSeconds));
        Assert.Contains(after.HealthLosses, loss => loss.Cause == "budget_nearly_empty");
        Assert.True(after.HealthScore < before.HealthScore, $"{before.HealthScore} → {after.HealthScore}");
    }
}
