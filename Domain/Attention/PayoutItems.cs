using System.Globalization;
using FinanceIntegrations.Domain.Integrations;

namespace FinanceIntegrations.Domain.Attention;

/// <summary>A payout that was ordered here and did not arrive.</summary>
/// <param name="FailureCode">The provider's; null: it gives none.</param>
public sealed record FailedPayout(string Id, decimal Amount, string Currency, string? FailureCode);

/// <summary>What a person is told of it: once, and again only where it had been mended in between.</summary>
public static class PayoutItems
{
    private static readonly IReadOnlyList<AttentionChoice> Choices =
        [new("handled", "I have seen to it: it was paid again, or another way."), AttentionChoices.Dismiss];

    public static string KeyOf(string payout) => $"{AttentionKinds.PayoutFailed}:{payout}";

    internal static AttentionItem Item(IntegrationState state, FailedPayout payout, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Key = KeyOf(payout.Id),
        Kind = AttentionKinds.PayoutFailed,
        Stream = "payouts",
        WhatHappened = Describe(payout, state.Provider),
        AtStake = "The receiver does not have the money. It is, or will be, on the account's balance again, without the fee in some cases; nothing is paid again by itself.",
        Choices = Choices,
        RaisedAt = now,
    };

    internal static string Describe(FailedPayout payout, string provider) => string.Create(CultureInfo.InvariantCulture,
        $"Payout {payout.Id} of {payout.Amount} {payout.Currency} at {provider} did not arrive{(payout.FailureCode is { } code ? $": {code}" : "")}.");
}
