using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Operations;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>Payouts that were ordered here: looked at after each run, which may have shown that one did not arrive.</summary>
internal sealed partial class IntegrationGrain
{
    private async Task<IntegrationState> PayoutsLookedAfterRun(IntegrationState state)
    {
        if (!state.Exists || Connector()?.Info.Writes.Contains(WriteKinds.CreatePayout) != true) return state;
        var seen = await payouts.LookAsync(Id, CancellationToken.None);
        return Lifecycle.PayoutsLooked(state, seen.Failed, seen.Mended, clock.GetUtcNow());
    }
}
