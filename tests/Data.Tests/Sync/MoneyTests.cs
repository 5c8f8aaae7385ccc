using System.Globalization;
using CsCheck;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Data.Reading.Records;
using FinanceIntegrations.Data.Webhooks;
using FinanceIntegrations.Domain.Money;
using FinanceIntegrations.Domain.Records;
using Xunit;

namespace FinanceIntegrations.Data.Tests.Sync;

/// <summary>Amounts are what they were, to the last digit, in every currency.</summary>
public sealed class MoneyTests(OwnDatabase own) : DatabaseTest(own)
{
    private static readonly Gen<Currency> AnyCurrency = Any.Of(Currency.All.ToArray());

    private static readonly Gen<long> AnyMinor = Gen.OneOf(Gen.Long, Gen.Long[-10_000, 10_000],
        Any.Of(0L, 1L, -1L, long.MinValue, long.MaxValue));

    private DeliveryQueue Queue => new(Source, Clock);

    [Fact]
    public void Currencies_of_none_two_and_three_decimals_are_among_those_asked() =>
        Assert.Equal([0, 2, 3], Currency.All.Select(c => c.Decimals).Distinct().Order());

    [Fact]
    public async Task A_transactions_amounts_come_back_digit_by_digit() =>
        await Gen.Select(AnyCurrency, AnyMinor, AnyMinor).Array[1, 60].SampleAsync(async rows =>
        {
            var integration = await NewIntegrationAsync();
            var written = rows.Select((row, n) => Sample.Transaction($"{n:000}", currency: row.Item1.Code) with
            {
                Amount = MinorUnits.ToAmount(row.Item2, row.Item1.Decimals),
                Fee = MinorUnits.ToAmount(row.Item3, row.Item1.Decimals),
                Net = MinorUnits.ToAmount(row.Item2, row.Item1.Decimals) - MinorUnits.ToAmount(row.Item3, row.Item1.Decimals),
            }).ToList();
            await Queue.CompleteAsync(integration, new() { Records = written }, Cancel);

            var read = await new TransactionReader(Source).ListAsync(
                integration, new(null, null, null, Period.Between(null, null)), Positions.NewestText, 500, Cancel);
            Assert.Equal(
                written.Select(t => $"{t.ExternalId} {Text(t.Amount)} {Text(t.Fee)} {Text(t.Net)} {t.Currency}"),
                read.Reverse().Select(t => $"{t.Id} {Text(t.Amount)} {Text(t.Fee)} {Text(t.Net)} {t.Currency}"));
        }, iter: 25, threads: 1);

    [Fact]
    public async Task A_sum_in_the_database_is_the_sum_of_the_minor_units() =>
        await Gen.Select(AnyCurrency, Gen.Long[-1_000_000_000_000, 1_000_000_000_000].Array[1, 60]).SampleAsync(async sample =>
        {
            var (currency, minors) = sample;
            var integration = await NewIntegrationAsync();
            var records = minors.Select((minor, n) =>
                Sample.Transaction($"{n}", MinorUnits.ToAmount(minor, currency.Decimals), currency.Code));
            await Queue.CompleteAsync(integration, new() { Records = [.. records] }, Cancel);
            var sum = await Source.ScalarAsync<decimal>("select sum(amount) from transactions where integration_id = $1", Cancel,
                integration);
            Assert.Equal(minors.Sum(), MinorUnits.FromAmount(sum, currency.Decimals));
        }, iter: 15, threads: 1);

    [Fact]
    public async Task Amounts_at_the_ends_of_what_a_decimal_holds_come_back()
    {
        var integration = await NewIntegrationAsync();
        var ends = new[] { decimal.MaxValue, decimal.MinValue, 0.0000000000000000000000000001m, 7.9228162514264337593543950335m };
        var balances = ends.Select((end, n) => new Balance
        {
            ExternalId = $"{n}",
            AccountId = "a",
            Currency = "KWD",
            Available = end,
            Pending = -end,
            Reserved = n % 2 == 0 ? end : null,
            AsOf = Begin,
            Raw = "{}"u8.ToArray(),
        });
        await Queue.CompleteAsync(integration, new() { Records = [.. balances] }, Cancel);

        var read = await new BalanceReader(Source).ListAsync(integration, new(null, null, null, Period.Between(null, null)), Positions.NewestText, 10,
            Cancel);
        Assert.Equal(ends, read.Select(b => b.Available));
        Assert.Equal(ends.Select(e => -e), read.Select(b => b.Pending));
        Assert.Equal([ends[0], null, ends[2], null], read.Select(b => b.Reserved));
    }

    [Fact]
    public async Task No_column_that_holds_money_is_binary_floating_point()
    {
        var types = await Source.ListAsync<string>("""
            select distinct table_name || '.' || column_name || ' ' || data_type from information_schema.columns
            where table_schema = 'public' and column_name in ('amount', 'fee', 'net', 'amount_refunded', 'available', 'pending', 'reserved')
            """, Cancel);
        Assert.Contains("payouts.amount numeric", types);
        Assert.All(types, t => Assert.EndsWith(" numeric", t, StringComparison.Ordinal));
        Assert.Empty(await Source.ListAsync<string>("""
            select table_name || '.' || column_name from information_schema.columns
            where table_schema = 'public' and data_type in ('real', 'double precision', 'money')
            """, Cancel));
    }

    /// <summary>With every digit: 1.50 is not 1.5.</summary>
    private static string Text(decimal amount) => amount.ToString(CultureInfo.InvariantCulture);
}
