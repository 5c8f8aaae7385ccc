using CsCheck;
using FinanceIntegrations.Domain.Attention;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

/// <summary>Somebody is told ahead of a dispute's deadline, and the provider's record alone says for how long.</summary>
public sealed class DisputeDeadlineTests
{
    private static readonly DateTimeOffset Due = States.Begin.AddDays(10);
    private static readonly DisputeMargins Margins = DisputeMargins.Default;
    private static readonly IntegrationState Shop = Lifecycle.Created(new("alice", "Shop", IntegrationType.PaymentProcessor, ProviderId.Stripe), Guid.CreateVersion7(), States.Begin);

    [Fact]
    public void It_is_told_seven_days_three_days_and_one_day_ahead_and_the_grain_wakes_for_each()
    {
        var (state, dispute, told) = (Look(Shop, States.Begin, One()), One(), new List<double>());
        Assert.Empty(state.Outbox.AttentionRaised);
        while (state.DisputesLookAt is { } at)
        {
            Assert.Equal(at, Lifecycle.NextWakeAt(state, at.AddDays(-1)));
            state = Look(state with { Outbox = new() }, at, dispute);
            var item = Assert.Single(state.Outbox.AttentionRaised);
            Assert.Equal(("dispute_due:dp_1", "dispute_due", Due), (item.Key, item.Kind, item.DueAt));
            Assert.StartsWith("12.34 GBP", item.AtStake, StringComparison.Ordinal);
            told.Add((Due - at).TotalDays);
            dispute = dispute with { Told = new(Due, at, null, null) };
        }
        Assert.Equal([7, 3, 1], told);
    }

    [Fact]
    public void However_often_it_is_looked_at_each_margin_is_told_once_and_none_is_left_out() => Gen.Select(
        Gen.Int[1, 60 * 24], Gen.Int[0, 70 * 24].Array[1, 60]).Sample((margin, hours) =>
        {
            var margins = new DisputeMargins(TimeSpan.FromHours(margin));
            var (dispute, times) = (One(), 0);
            foreach (var now in hours.Order().Select(hour => Due.AddDays(-65).AddHours(hour)))
            {
                var begun = margins.MomentsBefore(Due).Where(moment => moment <= now).ToList();
                var due = DisputeDeadlines.IsToBeTold(dispute, margins, now);
                if (due) (dispute, times) = (dispute with { Told = new(Due, now, null, null) }, times + 1);
                Assert.True(!due || (begun.Count > 0 && now < Due));
                if (now < Due) Assert.Equal(begun.Count > 0, dispute.Told is { } told && told.At >= begun.Max());
                Assert.False(DisputeDeadlines.IsToBeTold(dispute, margins, now));
                Assert.True(DisputeDeadlines.NextLookAt(dispute, margins, now) is not { } next || next > now);
            }
            Assert.InRange(times, 0, margins.MomentsBefore(Due).Count());
        });

    [Fact]
    public void Who_has_handled_it_is_asked_again_nearer_to_the_date_and_who_takes_the_loss_is_not()
    {
        var at = Due.AddDays(-5);
        var handled = One() with { Told = new(Due, at, "alice", DisputeDeadlines.Handled) };
        Assert.False(DisputeDeadlines.IsToBeTold(handled, Margins, at.AddHours(1)));
        Assert.True(DisputeDeadlines.IsToBeTold(handled, Margins, Due.AddDays(-3)));
        var accepted = One() with { Told = new(Due, at, "alice", DisputeDeadlines.LetLapse) };
        Assert.False(DisputeDeadlines.IsToBeTold(accepted, Margins, Due.AddDays(-1)));
        Assert.Null(DisputeDeadlines.NextLookAt(accepted, Margins, at));
        Assert.True(DisputeDeadlines.IsToBeTold(accepted with { DueAt = Due.AddDays(1) }, Margins, Due.AddDays(-1)));   // another deadline is another matter
    }

    [Fact]
    public void What_needs_no_response_any_more_takes_its_item_back_and_comes_back_when_it_does()
    {
        var now = Due.AddDays(-2);
        var state = Lifecycle.DisputesLooked(Shop, [], ["dp_1"], Margins, now);
        var settled = Assert.Single(state.Outbox.AttentionSettled);
        Assert.Equal(("dispute_due:dp_1", "gone", "system"), (settled.Key, settled.Choice, settled.By));
        Assert.Null(state.DisputesLookAt);
        Assert.True(DisputeDeadlines.IsToBeTold(One() with { Told = new(Due, now, "system", "gone") }, Margins, now));
    }

    [Fact]
    public void A_deadline_that_moves_moves_its_item()
    {
        var now = Due.AddDays(-6);
        var told = One() with { Told = new(Due, Due.AddDays(-7), null, null) };
        Assert.False(DisputeDeadlines.IsToBeTold(told, Margins, now));
        Assert.Equal(Due.AddDays(-1), Assert.Single(Look(Shop, now, told with { DueAt = Due.AddDays(-1) }).Outbox.AttentionRaised).DueAt);
        var later = Look(Shop, now, told with { DueAt = Due.AddDays(30) });
        Assert.Empty(later.Outbox.AttentionRaised);
        Assert.Equal("gone", Assert.Single(later.Outbox.AttentionSettled).Choice);
        Assert.Equal(Due.AddDays(23), later.DisputesLookAt);
    }

    [Fact]
    public void Many_are_told_in_turns_and_nothing_new_changes_nothing()
    {
        var now = Due.AddDays(-2);
        var many = Enumerable.Range(0, Lifecycle.MostDisputesAtOnce + 5).Select(n => One() with { Id = $"dp_{n}" }).ToArray();
        var first = Look(Shop, now, many);
        Assert.Equal((Lifecycle.MostDisputesAtOnce, now), (first.Outbox.AttentionRaised.Count, first.DisputesLookAt));
        var rest = Look(first with { Outbox = new() }, now, [.. many.Select((dispute, n) => n < Lifecycle.MostDisputesAtOnce ? dispute with { Told = new(Due, now, null, null) } : dispute)]);
        Assert.Equal((5, Due.AddDays(-1)), (rest.Outbox.AttentionRaised.Count, rest.DisputesLookAt));
        Assert.Same(rest, Look(rest, now, [.. many.Select(dispute => dispute with { Told = new(Due, now, null, null) })]));
        var gone = Shop with { DeletedAt = now };
        Assert.Same(gone, Look(gone, now, One()));
    }

    [Fact]
    public void After_the_date_nobody_is_told() => Assert.False(DisputeDeadlines.IsToBeTold(One(), Margins, Due));

    private static WaitingDispute One() => new("dp_1", "fraudulent", 12.34m, "GBP", Due, null);

    private static IntegrationState Look(IntegrationState state, DateTimeOffset now, params WaitingDispute[] waiting) =>
        Lifecycle.DisputesLooked(state, waiting, [], Margins, now);
}
