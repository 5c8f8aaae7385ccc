using CsCheck;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Tokens;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

public sealed class TokenPolicyTests
{
    private static readonly DateTimeOffset Obtained = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Gen<double> Chance = Gen.Double[0, 0.999];

    [Fact]
    public void A_token_without_expiry_is_never_due() =>
        Gen.Int[0, int.MaxValue].Sample(seconds => Assert.False(TokenPolicy.IsDue(new() { ObtainedAt = Obtained }, Obtained.AddSeconds(seconds))));

    [Fact]
    public void A_token_is_refreshed_ahead_of_its_expiry_by_the_margin_and_at_most_the_spread() =>
        Gen.Select(Gen.Int[1, 400 * 24 * 3600], Chance).Sample((seconds, chance) =>
        {
            var lifetime = TimeSpan.FromSeconds(seconds);
            var at = RefreshAt(lifetime, chance);
            var margin = TimeSpan.FromTicks(Math.Min(lifetime.Ticks / 2, Math.Clamp(lifetime.Ticks / 10, TimeSpan.TicksPerMinute, TimeSpan.TicksPerDay)));
            Assert.InRange(at, Obtained + (lifetime / 4) - TimeSpan.FromMilliseconds(1), Obtained + lifetime - margin + TimeSpan.FromMilliseconds(1));
            Assert.True(at >= Obtained + lifetime - margin - (lifetime / 4) - TimeSpan.FromMilliseconds(1));
        });

    [Fact]
    public void Tokens_that_were_issued_together_are_not_refreshed_together()
    {
        var random = new Random(1);
        var moments = Enumerable.Range(0, 10_000).Select(_ => RefreshAt(TimeSpan.FromMinutes(30), random.NextDouble())).ToList();
        var busiest = moments.GroupBy(at => (int)(at - Obtained).TotalMinutes).Max(minute => minute.Count());
        Assert.InRange(busiest, 1, 1_500);   // over 7.5 minutes: 1,333 each on the average
    }

    [Fact]
    public void A_token_stays_due_until_it_is_refreshed() =>
        Gen.Select(Gen.Int[1, 1_000_000], Chance, Gen.Int[0, 1_000_000]).Sample((seconds, chance, later) =>
        {
            var at = RefreshAt(TimeSpan.FromSeconds(seconds), chance);
            var tokens = new TokenSet { ObtainedAt = Obtained, ExpiresAt = Obtained.AddSeconds(seconds), RefreshAt = at };
            Assert.True(TokenPolicy.IsDue(tokens, at.AddSeconds(later)));
            Assert.False(TokenPolicy.IsDue(tokens, at.AddTicks(-1)));
        });

    [Fact]
    public void A_token_of_an_older_version_that_knows_no_time_is_due_by_its_expiry() =>
        Gen.Int[121, 400 * 24 * 3600].Sample(lifetime =>
        {
            var tokens = new TokenSet { ObtainedAt = Obtained, ExpiresAt = Obtained.AddSeconds(lifetime) };
            Assert.False(TokenPolicy.IsDue(tokens, Obtained));
            Assert.True(TokenPolicy.IsDue(tokens, tokens.ExpiresAt.Value.AddMinutes(-1)));
        });

    [Fact]
    public void A_provider_that_wants_a_refresh_every_week_gets_one_however_long_the_token_lives() =>
        Gen.Select(Gen.Int[8, 400].Nullable(), Chance).Sample((days, chance) =>
        {
            var rules = new TokenRules { RefreshEvery = TimeSpan.FromDays(7) };
            var at = TokenPolicy.RefreshAt(Obtained, days is { } d ? Obtained.AddDays(d) : null, rules, TokenMargins.Default, chance);
            Assert.InRange(at!.Value, Obtained.AddDays(3), Obtained.AddDays(7));
        });

    [Fact]
    public void A_failed_refresh_is_tried_again_neither_at_once_nor_after_the_grace_of_the_old_token() =>
        Gen.Select(Gen.Int[1, 40], Chance, Gen.Int[0, 1_700]).Sample((failures, chance, ago) =>
        {
            var rules = new TokenRules { Grace = TimeSpan.FromMinutes(30) };
            var tokens = new TokenSet { ObtainedAt = Obtained, UnansweredSince = Obtained };
            var now = Obtained.AddSeconds(ago);
            var again = TokenPolicy.RetryAt(tokens, failures, null, rules, now, chance);
            Assert.InRange(again - now, TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(15));
            Assert.True(again < Obtained + rules.Grace, $"{again - Obtained} after the first try");
        });

    [Fact]
    public void A_wait_that_the_provider_asked_for_is_kept() =>
        Gen.Select(Gen.Int[1, 40], Chance, Gen.Int[0, 100_000]).Sample((failures, chance, asked) =>
            Assert.True(TokenPolicy.RetryAt(new(), failures, TimeSpan.FromSeconds(asked), new(), Obtained, chance) >= Obtained.AddSeconds(asked)));

    [Fact]
    public void The_end_of_a_consent_is_told_thirty_seven_and_one_days_ahead_each_once()
    {
        var state = States.Connected();
        var ends = States.Begin.AddDays(60);
        state = state with { Tokens = state.Tokens! with { RefreshExpiresAt = ends, WarnAt = TokenPolicy.WarnAt(ends, new(), States.Begin) } };
        var told = new List<double>();
        for (var now = States.Begin; now < ends; now = now.AddHours(1))
        {
            state = state with { Outbox = new() };
            var due = Lifecycle.NextWakeAt(state with { NextSyncAt = null }, now) <= now;
            state = Lifecycle.ConsentWarned(state, new(), now);
            Assert.Equal(due, state.Outbox.AttentionRaised.Count == 1);
            if (due) told.Add((ends - now).TotalDays);
        }
        Assert.Equal([30, 7, 1], told);
    }

    private static DateTimeOffset RefreshAt(TimeSpan lifetime, double chance) =>
        TokenPolicy.RefreshAt(Obtained, Obtained + lifetime, new(), TokenMargins.Default, chance)!.Value;
}
