using CsCheck;
using FinanceIntegrations.Domain.Integrations;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

public sealed class TokenPolicyTests
{
    private static readonly DateTimeOffset Obtained = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_token_without_expiry_is_never_due() =>
        Gen.Int[0, int.MaxValue].Sample(seconds => Assert.False(TokenPolicy.IsDue(new() { ObtainedAt = Obtained }, Obtained.AddSeconds(seconds))));

    [Fact]
    public void A_token_is_due_one_to_ten_minutes_before_it_expires_and_stays_due() =>
        Gen.Int[1, 400 * 24 * 3600].Sample(lifetime =>
        {
            var expires = Obtained.AddSeconds(lifetime);
            var tokens = new TokenSet { ObtainedAt = Obtained, ExpiresAt = expires };
            Assert.True(TokenPolicy.IsDue(tokens, expires.AddMinutes(-1)));
            Assert.True(TokenPolicy.IsDue(tokens, expires));
            Assert.True(TokenPolicy.IsDue(tokens, expires.AddDays(1)));
            Assert.False(TokenPolicy.IsDue(tokens, expires.AddMinutes(-10).AddTicks(-1)));
        });

    [Fact]
    public void A_token_that_lives_longer_than_two_minutes_is_not_due_when_it_is_new() =>
        Gen.Int[121, 400 * 24 * 3600].Sample(lifetime =>
            Assert.False(TokenPolicy.IsDue(new() { ObtainedAt = Obtained, ExpiresAt = Obtained.AddSeconds(lifetime) }, Obtained)));
}
