using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Grains.Budgets;
using FinanceIntegrations.Grains.Tests.Cluster;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace FinanceIntegrations.Grains.Tests.Budgets;

public sealed class ScarceBudgetTests(GrainCluster cluster) : GrainTest(cluster)
{
    [Fact]
    public async Task Status_tells_of_a_budget_that_is_nearly_used_up_and_the_score_falls()
    {
        var connection = await ConnectedAsync();
        await SyncedAsync(connection);
        var before = await connection.StatusAsync();
        Assert.Null(before.Budget);

        var limits = new ProviderLimits(connection.Provider, [new() { Calls = 20, Per = TimeSpan.FromDays(1) }], TimeSpan.FromSeconds(1));
        var caller = new Caller(connection.Script.Account, Lane.Person);
        var silo = new CallBudgets(new(Cluster.Database), NullLogger<CallBudgets>.Instance);
        while (await silo.EnterAsync(limits, caller, Cancel) is null)
        {
            // until nothing is left
        }
        await SyncedAsync(connection);

        var after = await connection.StatusAsync();
        Assert.Equal((0, 20, 86_400.0), (after.Budget?.Left, after.Budget?.Limit, after.Budget?.PerSeconds));
        Assert.Contains(after.HealthLosses, loss => loss.Cause == "budget_nearly_empty");
        Assert.True(after.HealthScore < before.HealthScore, $"{before.HealthScore} → {after.HealthScore}");
    }
}
