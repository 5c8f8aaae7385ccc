using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Records;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>Deadlines of disputes: looked at after whatever may have changed them, and when the next margin begins.</summary>
internal sealed partial class IntegrationGrain
{
    private async Task WarnOfDisputes(DateTimeOffset now)
    {
        if (!(Lifecycle.DisputesNeedAt(State) <= now)) return;
        var next = await DisputesLooked(State);
        if (!ReferenceEquals(next, State)) await CommitWithReminder(next);
    }

    /// <summary>A run may have changed them.</summary>
    private async Task<IntegrationState> DisputesLookedAfterRun(IntegrationState state) =>
        Connector()?.Info.Streams.Any(stream => stream.Kind == RecordKind.Dispute) == true ? await DisputesLooked(state) : state;

    /// <summary>The state with what the disputes ask for that we hold now.</summary>
    private async Task<IntegrationState> DisputesLooked(IntegrationState state)
    {
        if (!state.Exists) return state;
        var seen = await disputes.LookAsync(Id, CancellationToken.None);
        return Lifecycle.DisputesLooked(state, seen.Waiting, seen.Answered, disputeOptions.Value.Margins, clock.GetUtcNow());
    }
}
