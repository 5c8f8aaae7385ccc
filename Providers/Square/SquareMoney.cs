using FinanceIntegrations.Domain.Money;

namespace FinanceIntegrations.Providers.Square;

/// <summary>Square's money: whole minor units by ISO 4217's decimals, yen in yen (square.md §1).</summary>
internal static class SquareMoney
{
    /// <summary>Payouts and their entries name the currency <c>currency_code</c>, everything else <c>currency</c>: both are read.</summary>
    /// <exception cref="UnfitRowException">No amount, or a currency that ISO 4217 does not list.</exception>
    public static (long Minor, Currency Currency) Read(SquareAmount? money)
    {
        if (money?.Amount is not { } minor) throw new UnfitRowException("amount_missing", "An amount of the row is missing.");
        return Currency.TryParse(money.Currency ?? money.CurrencyCode, out var currency)
            ? (minor, currency)
            : throw new UnfitRowException("unknown_currency", "The row is in a currency that ISO 4217 does not list.");
    }

    public static decimal ToAmount(long minor, Currency currency) => MinorUnits.ToAmount(minor, currency.Decimals);

    /// <summary>What a side amount comes to in the row's own currency; nothing where it is absent.</summary>
    /// <exception cref="UnfitRowException">It is in another currency.</exception>
    public static long Beside(SquareAmount? money, Currency row)
    {
        if (money?.Amount is null) return 0;
        var (minor, currency) = Read(money);
        return currency == row ? minor : throw new UnfitRowException("currencies_differ", "The row's amounts are in several currencies.");
    }
}
