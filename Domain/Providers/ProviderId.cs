using System.Diagnostics.CodeAnalysis;

namespace FinanceIntegrations.Domain.Providers;

/// <summary>A provider's id as it stands in addresses, rows and configuration: <c>stripe</c>, <c>kra_itax</c>. The list is closed.</summary>
public readonly record struct ProviderId
{
    public static readonly ProviderId Stripe = new("stripe");
    public static readonly ProviderId PayPal = new("paypal");
    public static readonly ProviderId Square = new("square");
    public static readonly ProviderId QuickBooks = new("quickbooks");
    public static readonly ProviderId Xero = new("xero");
    public static readonly ProviderId Sage = new("sage");
    public static readonly ProviderId Hsbc = new("hsbc");
    public static readonly ProviderId Barclays = new("barclays");
    public static readonly ProviderId Lloyds = new("lloyds");
    public static readonly ProviderId Santander = new("santander");
    public static readonly ProviderId KraItax = new("kra_itax");

    /// <summary>Every provider that the product names, whether or not this deployment has a connector for it.</summary>
    public static readonly IReadOnlyList<ProviderId> All =
        [Stripe, PayPal, Square, QuickBooks, Xero, Sage, Hsbc, Barclays, Lloyds, Santander, KraItax];

    private ProviderId(string value) => Value = value;

    public string Value { get; }

    public static bool TryParse([NotNullWhen(true)] string? value, out ProviderId provider)
    {
        foreach (var known in All)
            if (known.Value == value)
            {
                provider = known;
                return true;
            }
        provider = default;
        return false;
    }

    public override string ToString() => Value;
}
