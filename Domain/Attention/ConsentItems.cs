using System.Globalization;
using FinanceIntegrations.Domain.Integrations;

namespace FinanceIntegrations.Domain.Attention;

/// <summary>What a person is told of a connection whose consent is over, or will be.</summary>
internal static class ConsentItems
{
    private static readonly IReadOnlyList<AttentionChoice> Choices =
    [
        new("authorize", "Authorize the connection again; its data stays, and the item ends with the consent."),
        new("dismiss", "Leave it as it is."),
    ];

    public static AttentionItem Needed(IntegrationState state, string reason, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Key = AttentionKinds.ConsentNeeded,
        Kind = AttentionKinds.ConsentNeeded,
        WhatHappened = $"{state.Provider} no longer accepts the consent ({reason}): only the user can give a new one.",
        AtStake = "Nothing is synced any more; the data stays as it was read last.",
        Choices = Choices,
        RaisedAt = now,
    };

    public static AttentionItem EndsSoon(IntegrationState state, DateTimeOffset ends, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Key = AttentionKinds.ConsentEndsSoon,
        Kind = AttentionKinds.ConsentEndsSoon,
        WhatHappened = string.Create(CultureInfo.InvariantCulture, $"The consent at {state.Provider} ends on {ends.UtcDateTime:yyyy-MM-dd HH:mm} UTC."),
        AtStake = "Without a new authorization syncs stop on that day.",
        Choices = Choices,
        DueAt = ends,
        RaisedAt = now,
    };
}

/// <summary>Items as part of a change of the state.</summary>
public static class AttentionOutbox
{
    public static IntegrationState Raise(this IntegrationState state, AttentionItem item) =>
        state with { Outbox = state.Outbox with { AttentionRaised = [.. state.Outbox.AttentionRaised, item] } };

    /// <param name="state">Whose change settles it.</param>
    /// <param name="key">Of the item; nothing happens where none is open under it.</param>
    /// <param name="choice">One of the item's, or <c>gone</c>.</param>
    /// <param name="by">The user who decided, or <see cref="AttentionSettlement.BySystem"/>.</param>
    /// <param name="now">The time.</param>
    public static IntegrationState Settle(this IntegrationState state, string key, string choice, string by, DateTimeOffset now) => state with
    {
        Outbox = state.Outbox with
        {
            AttentionRaised = [.. state.Outbox.AttentionRaised.Where(item => item.Key != key)],   // settled is applied before raised
            AttentionSettled = [.. state.Outbox.AttentionSettled, new() { Key = key, Choice = choice, By = by, At = now }],
        },
    };
}
