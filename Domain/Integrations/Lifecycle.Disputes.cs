using System.Globalization;
using FinanceIntegrations.Domain.Attention;

namespace FinanceIntegrations.Domain.Integrations;

/// <summary>The state machine's fifth part: disputes that need a response, and when somebody is told.</summary>
public static partial class Lifecycle
{
    /// <summary>Items that one change raises; the rest is raised by the next, at once.</summary>
    public const int MostDisputesAtOnce = 50;

    /// <summary>What the disputes ask for that we hold: items raised, brought up to date and taken back. The same state where nothing is new.</summary>
    /// <param name="waiting">All that need a response by a known day, the nearest first.</param>
    /// <param name="answered">Disputes with an open item that need no response any more.</param>
    public static IntegrationState DisputesLooked(
        IntegrationState state, IReadOnlyList<WaitingDispute> waiting, IReadOnlyList<string> answered, DisputeMargins margins, DateTimeOffset now)
    {
        if (!state.Exists) return state;
        var due = waiting.Where(dispute => DisputeDeadlines.IsToBeTold(dispute, margins, now)).ToList();
        var over = answered.Concat(waiting.Where(dispute => DisputeDeadlines.IsTooEarly(dispute, margins, now)).Select(dispute => dispute.Id)).ToList();
        var lookAt = due.Count > MostDisputesAtOnce ? now : waiting.Select(dispute => DisputeDeadlines.NextLookAt(dispute, margins, now)).Min();
        if (due.Count == 0 && over.Count == 0 && lookAt == state.DisputesLookAt) return state;

        var next = state with { DisputesLookAt = lookAt, UpdatedAt = now };
        next = over.Aggregate(next, (changed, id) => changed.Settle(DisputeDeadlines.KeyOf(id), AttentionChoices.Gone, AttentionSettlement.BySystem, now));
        return due.Take(MostDisputesAtOnce).Aggregate(next, (changed, dispute) => changed.Raise(DisputeDeadlines.Item(state, dispute, now))
            .Log(now, "warning", "dispute_due", string.Create(CultureInfo.InvariantCulture,
                $"Dispute {dispute.Id} over {dispute.Amount} {dispute.Currency} needs a response by {dispute.DueAt.UtcDateTime:u}.")));
    }

    /// <summary>When deadlines of disputes are to be looked at; null: none comes. A deadline does not ask whether the connection is well.</summary>
    public static DateTimeOffset? DisputesNeedAt(IntegrationState state) => state.Exists ? state.DisputesLookAt : null;
}
