using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace FinanceIntegrations.Domain.Money;

/// <summary>An ISO 4217 currency: its alphabetic code in capitals and the number of decimals of its minor unit (0–4).</summary>
/// <remarks>
/// Source: ISO 4217 list one, without funds, metals and test codes; and of list three those that went out since 2010, for histories reach back so far.
/// </remarks>
public readonly record struct Currency
{
    private const string TwoDecimals =
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK " +
        "DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK " +
        "LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON " +
        "RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST " +
        "XCD XCG YER ZAR ZMW ZWG";
    private const string NoDecimals = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
    private const string ThreeDecimals = "BHD IQD JOD KWD LYD OMR TND";

    private const string RetiredWithTwoDecimals = "CUC EEK HRK LTL LVL MRO SLL STD VEF ZMK ZWL";
    private const string RetiredWithNoDecimals = "BYR";

    private static readonly FrozenDictionary<string, Currency> Known = Build().ToFrozenDictionary(c => c.Code, StringComparer.OrdinalIgnoreCase);

    private Currency(string code, int decimals, bool retired = false) => (Code, Decimals, IsRetired) = (code, decimals, retired);

    /// <summary>Alphabetic code, capitals: <c>GBP</c>.</summary>
    public string Code { get; }

    /// <summary>Decimals of the minor unit by ISO 4217: JPY 0, GBP 2, KWD 3.</summary>
    public int Decimals { get; }

    /// <summary>It stands in old books only: nothing is paid in it any more.</summary>
    public bool IsRetired { get; }

    public static IReadOnlyCollection<Currency> All => Known.Values;

    /// <summary>Looks a code up, in any case. False for a code that is not on the lists above.</summary>
    public static bool TryParse([NotNullWhen(true)] string? code, out Currency currency)
    {
        currency = default;
        return code is not null && Known.TryGetValue(code, out currency);
    }

    /// <exception cref="ArgumentException">The code is not on the lists above.</exception>
    public static Currency Parse(string code) =>
        TryParse(code, out var currency) ? currency : throw new ArgumentException($"'{code}' is not an ISO 4217 currency.", nameof(code));

    public override string ToString() => Code;

    private static IEnumerable<Currency> Build() =>
        TwoDecimals.Split(' ').Select(c => new Currency(c, 2))
            .Concat(NoDecimals.Split(' ').Select(c => new Currency(c, 0)))
            .Concat(ThreeDecimals.Split(' ').Select(c => new Currency(c, 3)))
            .Concat(RetiredWithTwoDecimals.Split(' ').Select(c => new Currency(c, 2, retired: true)))
            .Concat(RetiredWithNoDecimals.Split(' ').Select(c => new Currency(c, 0, retired: true)));
}
