using System.Collections.Frozen;
using FinanceIntegrations.Domain.Money;

namespace FinanceIntegrations.Providers.Stripe;

/// <summary>Stripe's decimals per currency, which are not always ISO's (stripe.md §4; docs.stripe.com/currencies).</summary>
internal static class StripeMoney
{
    /// <summary>Sent in whole units. MGA has two decimals by ISO, none at Stripe.</summary>
    private static readonly FrozenSet<string> Whole = FrozenSet.Create(
        StringComparer.Ordinal, "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF");

    private static readonly FrozenSet<string> Thousandths = FrozenSet.Create(StringComparer.Ordinal, "BHD", "JOD", "KWD", "OMR", "TND");

    /// <summary>No decimals in fact, though sent in hundredths: ISK and UGX always, HUF and TWD in payouts.</summary>
    private static readonly FrozenSet<string> PaidOutWhole = FrozenSet.Create(StringComparer.Ordinal, "HUF", "ISK", "TWD", "UGX");

    /// <summary>Everything else is sent in hundredths: ISK and UGX too, which have no decimals by ISO, and HUF and TWD.</summary>
    public static int Decimals(Currency currency) => Whole.Contains(currency.Code) ? 0 : Thousandths.Contains(currency.Code) ? 3 : 2;

    /// <summary>A payout's amount in minor units, exactly.</summary>
    /// <returns>Null: Stripe has no such amount of this currency, because of its decimals or its size.</returns>
    public static long? PaidOut(decimal amount, Currency currency)
    {
        // The last of three decimals must be 0.
        var step = PaidOutWhole.Contains(currency.Code) ? 100 : Thousandths.Contains(currency.Code) ? 10 : 1;
        try
        {
            var minor = MinorUnits.FromAmount(amount, Decimals(currency));
            return minor % step == 0 ? minor : null;
        }
        catch (Exception error) when (error is ArgumentException or OverflowException)
        {
            return null;
        }
    }
}
