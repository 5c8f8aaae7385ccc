using FinanceIntegrations.Domain.Attention;

namespace FinanceIntegrations.Domain.Integrations;

/// <summary>The state machine's sixth part: payouts that were ordered here and did not arrive.</summary>
public static partial class Lifecycle
{
    /// <summary>Items that one change raises; the rest is raised after the next run.</summary>
    public const int MostFailedPayoutsAtOnce = 50;

    /// <summary>Items raised and taken back by what we hold now. The same state where nothing is new.</summary>
    /// <param name="failed">Those that nobody was told of.</param>
    /// <param name="mended">Payouts with an open item that have not failed after all.</param>
    public static IntegrationState PayoutsLooked(
        IntegrationState state, IReadOnlyList<FailedPayout> failed, IReadOnlyList<string> mended, DateTimeOffset now)
    {
        if (!state.Exists || (failed.Count == 0 && mended.Count == 0)) return state;
        var next = mended.Aggregate(state with { UpdatedAt = now },
            (changed, id) => changed.Settle(PayoutItems.KeyOf(id), AttentionChoices.Gone, AttentionSettlement.BySystem, now));
        return failed.Take(MostFailedPayoutsAtOnce).Aggregate(next, (changed, payout) => changed.Raise(PayoutItems.Item(state, payout, now))
            .Log(now, "warning", AttentionKinds.PayoutFailed, PayoutItems.Describe(payout, state.Provider)));
    }
}
