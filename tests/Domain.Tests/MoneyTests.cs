using CsCheck;
using FinanceIntegrations.Domain.Money;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

public sealed class MoneyTests
{
    private static readonly Gen<long> AnyMinor = Gen.OneOf(Gen.Long, Gen.Long[-10_000, 10_000], Any.Of(0L, long.MinValue, long.MaxValue, -1L));

    [Fact]
    public void Minor_units_survive_the_way_to_an_amount_and_back_in_every_currency() =>
        Gen.Select(AnyMinor, Any.Of(Currency.All.ToArray())).Sample((minor, currency) =>
            Assert.Equal(minor, MinorUnits.FromAmount(MinorUnits.ToAmount(minor, currency.Decimals), currency.Decimals)));

    [Fact]
    public void An_amount_is_exactly_its_minor_units_and_shows_as_many_decimals() =>
        Gen.Select(AnyMinor, Gen.Int[0, 4]).Sample((minor, decimals) =>
        {
            var amount = MinorUnits.ToAmount(minor, decimals);
            var scale = new[] { 1m, 10m, 100m, 1_000m, 10_000m }[decimals];
            Assert.Equal(minor, amount * scale);
            Assert.Equal(decimals, amount.Scale);
        });

    [Fact]
    public void The_sum_of_amounts_is_the_amount_of_the_sum() =>
        Gen.Select(Gen.Long[-1_000_000_000, 1_000_000_000].Array[0, 50], Gen.Int[0, 4]).Sample((minors, decimals) =>
            Assert.Equal(MinorUnits.ToAmount(minors.Sum(), decimals), minors.Sum(m => MinorUnits.ToAmount(m, decimals))));

    [Theory]
    [InlineData(1234, "GBP", "12.34")]
    [InlineData(-5, "USD", "-0.05")]
    [InlineData(1234, "JPY", "1234")]
    [InlineData(92000, "KWD", "92.000")]
    public void Known_amounts(long minor, string code, string expected) =>
        Assert.Equal(expected, MinorUnits.ToAmount(minor, Currency.Parse(code).Decimals).ToString(System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void An_amount_with_more_decimals_than_its_currency_is_refused_not_rounded() =>
        Assert.Throws<ArgumentException>(() => MinorUnits.FromAmount(0.005m, 2));

    [Fact]
    public void An_amount_that_no_long_holds_is_refused() =>
        Assert.Throws<OverflowException>(() => MinorUnits.FromAmount(decimal.MaxValue, 4));

    [Fact]
    public void Currencies_are_three_capitals_each_once_and_found_in_any_case()
    {
        Assert.All(Currency.All, c => Assert.Matches("^[A-Z]{3}$", c.Code));
        Assert.Equal(Currency.All.Count, Currency.All.Select(c => c.Code).Distinct().Count());
        Assert.All(Currency.All, c => Assert.True(Currency.TryParse(c.Code.ToLowerInvariant(), out var found) && found == c));
        Assert.True(Currency.Parse("HRK").IsRetired);
        Assert.False(Currency.Parse("EUR").IsRetired);
        Assert.False(Currency.TryParse("xxx", out _));
        Assert.False(Currency.TryParse(null, out _));
    }
}
