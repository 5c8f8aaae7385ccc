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

    /// <summary>Everything else is sent in hundredths: ISK and UGX too, which have no decimals by ISO, and HUF and TWD.</summary>
    public static int Decimals(Currency currency) => Whole.Contains(currency.Code) ? 0 : Thousandths.Contains(currency.Code) ? 3 : 2;
}
