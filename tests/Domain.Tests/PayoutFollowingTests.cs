using CsCheck;
using FinanceIntegrations.Domain.Attention;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Sync;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

/// <summary>A payout that no list shows is read until it has ended, and somebody is told of one that did not arrive.</summary>
public sealed class PayoutFollowingTests
{
    private static readonly DateTimeOffset Since = States.Begin;
    private static readonly IntegrationState Shop = Lifecycle.Created(new("alice", "Shop", IntegrationType.PaymentProcessor, ProviderId.PayPal), Guid.CreateVersion7(), Since);
    private static readonly FailedPayout Returned = new("B1", 12.34m, "GBP", "RECEIVER_UNREGISTERED");

    [Theory]
    [InlineData("paid")]
    [InlineData("failed")]
    public void One_that_has_ended_is_read_nine_times_more_within_180_days(string status)
    {
        var (now, days) = (Since, new List<double>());
        while (PayoutFollowing.NextReadAt(status, Since, now) is { } next) days.Add(((now = next) - Since).TotalDays);
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 180], days);
    }

    [Fact]
    public void One_under_way_is_read_at_least_daily_for_as_long_as_it_takes() =>
        Gen.Select(Any.Of("pending", "in_transit", "a word of tomorrow"), Gen.Long[0, 400L * 24 * 3600]).Sample((status, seconds) =>
        {
            var now = Since.AddSeconds(seconds);
            Assert.InRange(PayoutFollowing.NextReadAt(status, Since, now)!.Value - now, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
        });

    [Fact]
    public void One_that_was_called_back_is_read_no_more_and_one_that_is_not_found_is_given_up_in_the_end()
    {
        Assert.Null(PayoutFollowing.NextReadAt("canceled", Since, Since));
        Assert.Equal(Since.AddMilliseconds(1), PayoutFollowing.NextReadAt(null, Since, Since));   // PayPal may be late
        Assert.Equal(Since.AddDays(4), PayoutFollowing.NextReadAt(null, Since, Since.AddDays(2)));
        Assert.Null(PayoutFollowing.NextReadAt(null, Since, Since.AddDays(180)));
    }

    [Fact]
    public void One_that_did_not_arrive_is_told_with_its_amount_and_why_and_taken_back_where_it_arrived_after_all()
    {
        var told = Lifecycle.PayoutsLooked(Shop, [Returned], [], Since);
        var item = Assert.Single(told.Outbox.AttentionRaised);
        Assert.Equal(("payout_failed:B1", "payout_failed", "payouts"), (item.Key, item.Kind, item.Stream));
        Assert.Equal("Payout B1 of 12.34 GBP at paypal did not arrive: RECEIVER_UNREGISTERED.", item.WhatHappened);
        Assert.Equal(["handled", "dismiss"], item.Choices.Select(choice => choice.Code));
        Assert.Contains(told.Outbox.Logs, line => line is { Event: "payout_failed", Level: "warning" });

        var settled = Assert.Single(Lifecycle.PayoutsLooked(Shop, [], ["B1"], Since).Outbox.AttentionSettled);
        Assert.Equal(("payout_failed:B1", "gone", "system"), (settled.Key, settled.Choice, settled.By));
        Assert.Same(Shop, Lifecycle.PayoutsLooked(Shop, [], [], Since));
        var none = new IntegrationState();
        Assert.Same(none, Lifecycle.PayoutsLooked(none, [Returned], [], Since));
    }

    [Fact]
    public void Of_very_many_so_many_are_told_at_once_and_the_rest_is_left() => Assert.Equal(Lifecycle.MostFailedPayoutsAtOnce,
        Lifecycle.PayoutsLooked(Shop, [.. Enumerable.Range(0, 70).Select(n => Returned with { Id = $"B{n}" })], [], Since).Outbox.AttentionRaised.Count);
}
