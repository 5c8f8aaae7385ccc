using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Operations;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>Payouts that were ordered here: looked at after each run or webhook that may have shown that one did not arrive.</summary>
internal sealed partial class IntegrationGrain
{
    private async Task<IntegrationState> PayoutsLooked(IntegrationState state)
    {
        if (!state.Exists || Connector()?.Info.Writes.Contains(WriteKinds.CreatePayout) != true) return state;
        var seen = await payouts.LookAsync(Id, CancellationToken.None);
        return Lifecycle.PayoutsLooked(state, seen.Failed, seen.Mended, clock.GetUtcNow());
    }
}
