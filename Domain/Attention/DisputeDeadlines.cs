using System.Globalization;
using FinanceIntegrations.Domain.Integrations;

namespace FinanceIntegrations.Domain.Attention;

/// <summary>How far ahead of a dispute's deadline somebody is told, and told again.</summary>
/// <param name="First">Before the deadline; above 0.</param>
public sealed record DisputeMargins(TimeSpan First)
{
    public static readonly DisputeMargins Default = new(TimeSpan.FromDays(7));

    private static readonly TimeSpan[] Again = [TimeSpan.FromDays(3), TimeSpan.FromDays(1)];

    /// <summary>When it is told, in that order.</summary>
    public IEnumerable<DateTimeOffset> MomentsBefore(DateTimeOffset due) => Again.Where(margin => margin < First).Prepend(First).Select(margin => due - margin);
}

/// <summary>A dispute that needs a response, as the provider shows it.</summary>
/// <param name="DueAt">Last moment for evidence.</param>
/// <param name="Told">The newest item about it; null: there is none.</param>
public sealed record WaitingDispute(string Id, string Reason, decimal Amount, string Currency, DateTimeOffset DueAt, DisputeNotice? Told);

/// <summary>What a person was told of a dispute last, and what they said.</summary>
/// <param name="At">When it was raised, brought up to date, or settled.</param>
/// <param name="SettledBy">Null: it is open.</param>
public sealed record DisputeNotice(DateTimeOffset? DueAt, DateTimeOffset At, string? SettledBy, string? Choice);

/// <summary>
/// When a person is told that a dispute needs a response. The provider's record decides: as long as it wants one, somebody is told at each margin, even
/// who has said that it is done; only who takes the loss is left in peace.
/// </summary>
public static class DisputeDeadlines
{
    /// <summary>Choice: the loss is accepted.</summary>
    public const string LetLapse = "let_lapse";

    /// <summary>Choice: it was answered, here or at the provider.</summary>
    public const string Handled = "handled";

    private static readonly IReadOnlyList<AttentionChoice> Choices =
    [
        new(Handled, "I have handled it. As long as the provider still wants a response, the item comes back nearer to the date."),
        new(LetLapse, "I accept the loss: do not remind me again."),
    ];

    public static string KeyOf(string dispute) => $"{AttentionKinds.DisputeDue}:{dispute}";

    /// <summary>Is it to be told now?</summary>
    public static bool IsToBeTold(WaitingDispute dispute, DisputeMargins margins, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(dispute);
        ArgumentNullException.ThrowIfNull(margins);
        if (now >= dispute.DueAt || IsAccepted(dispute)) return false;
        var begun = margins.MomentsBefore(dispute.DueAt).Where(moment => moment <= now).ToList();
        if (begun.Count == 0) return false;
        return dispute.Told is not { } told || told.SettledBy == AttentionSettlement.BySystem
            || told.At < begun.Max() || (told.SettledBy is null && told.DueAt != dispute.DueAt);
    }

    /// <summary>Its item is open, and by the provider's newer date it is too early for one.</summary>
    public static bool IsTooEarly(WaitingDispute dispute, DisputeMargins margins, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(dispute);
        ArgumentNullException.ThrowIfNull(margins);
        return dispute.Told is { SettledBy: null } && margins.MomentsBefore(dispute.DueAt).All(moment => moment > now);
    }

    /// <summary>When it is to be looked at next; null: never again.</summary>
    public static DateTimeOffset? NextLookAt(WaitingDispute dispute, DisputeMargins margins, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(dispute);
        ArgumentNullException.ThrowIfNull(margins);
        return IsAccepted(dispute) ? null : margins.MomentsBefore(dispute.DueAt).Where(moment => moment > now).Select(moment => (DateTimeOffset?)moment).Min();
    }

    internal static AttentionItem Item(IntegrationState state, WaitingDispute dispute, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Key = KeyOf(dispute.Id),
        Kind = AttentionKinds.DisputeDue,
        Stream = "disputes",
        WhatHappened = string.Create(CultureInfo.InvariantCulture,
            $"Dispute {dispute.Id} at {state.Provider} ({dispute.Reason}) needs a response by {dispute.DueAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC: {Left(dispute.DueAt - now)} left."),
        AtStake = string.Create(CultureInfo.InvariantCulture, $"{dispute.Amount} {dispute.Currency}: without evidence by then the dispute is lost, and the money with it."),
        Choices = Choices,
        DueAt = dispute.DueAt,
        RaisedAt = now,
    };

    private static bool IsAccepted(WaitingDispute dispute) => dispute.Told is { Choice: LetLapse } told && told.DueAt == dispute.DueAt;

    private static string Left(TimeSpan time) => time >= TimeSpan.FromHours(36)
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Round(time.TotalDays):0} days are")
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, Math.Floor(time.TotalHours)):0} h are");
}
