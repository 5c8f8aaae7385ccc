using System.Globalization;
using FinanceIntegrations.Domain.Money;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>PayPal's amounts: decimal strings with a sign that tells the direction (paypal.md §4).</summary>
internal static class PayPalMoney
{
    private const int Longest = 32;

    /// <summary>PayPal has no decimals where ISO 4217 has two (HUF, TWD), and none of the yen.</summary>
    public static int Decimals(Currency currency) => currency.Code is "HUF" or "JPY" or "TWD" ? 0 : currency.Decimals;

    /// <summary>False for what is no amount of that currency: no number, too long, or with more decimals than it has.</summary>
    public static bool TryParse(string text, Currency currency, out decimal amount)
    {
        amount = 0;
        if (text.Length is 0 or > Longest
            || !decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var read)
            || text[0] == '+')
            return false;
        var decimals = Decimals(currency);
        var rounded = decimal.Round(read, decimals);
        if (rounded != read) return false;
        amount = rounded + new decimal(0, 0, 0, isNegative: false, (byte)decimals);   // 12.3 is 12.30, as every other provider's is
        return true;
    }
}
