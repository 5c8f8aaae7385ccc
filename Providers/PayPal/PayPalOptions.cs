using System.Net;
using FinanceIntegrations.Providers.Transport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>The deployment's app at PayPal. Keys <c>PAYPAL_*</c>; limits in section <c>Providers:PayPal</c>.</summary>
public sealed class PayPalOptions
{
    public const string Section = "Providers:PayPal";

    /// <summary>The app's client id: PAYPAL_CLIENT_ID.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>The app's secret: PAYPAL_CLIENT_SECRET.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>
    /// PAYPAL_OWN_ACCOUNT. True: the one account that is connected is that of the app itself, and every user of this deployment may connect it.
    /// False, the default: merchants consent, each for an account of its own.
    /// </summary>
    public bool OwnAccount { get; set; }

    /// <summary>PAYPAL_API_BASE. Default live; PayPal's sandbox is <c>https://api-m.sandbox.paypal.com</c>.</summary>
    public Uri ApiBase { get; set; } = new("https://api-m.paypal.com");

    /// <summary>PAYPAL_LOGIN_BASE: where merchants log in. Default live; PayPal's sandbox is <c>https://www.sandbox.paypal.com</c>.</summary>
    public Uri LoginBase { get; set; } = new("https://www.paypal.com");

    /// <summary>PayPal publishes no limit (paypal.md §6). Default 5 calls a second per account, and what <see cref="TransportLimits"/> says.</summary>
    public TransportLimits Limits { get; set; } = new() { CallsPerSecondPerAccount = 5 };

    /// <summary>Both keys are there: users can connect.</summary>
    internal bool Configured => ClientId.Length > 0 && ClientSecret.Length > 0;

    /// <summary>Only PayPal's own live host has live money behind it; null for a host that we do not know.</summary>
    internal bool? LiveMode => ApiBase is not { IsAbsoluteUri: true } ? null : ApiBase.Host switch
    {
        "api-m.paypal.com" or "api.paypal.com" => true,
        "api-m.sandbox.paypal.com" or "api.sandbox.paypal.com" => false,
        _ => null,
    };

    internal void Take(IConfiguration configuration)
    {
        configuration.GetSection(Section).Bind(this);
        ClientId = configuration["PAYPAL_CLIENT_ID"]?.Trim() ?? ClientId;
        ClientSecret = configuration["PAYPAL_CLIENT_SECRET"]?.Trim() ?? ClientSecret;
        OwnAccount = bool.TryParse(configuration["PAYPAL_OWN_ACCOUNT"], out var own) ? own : OwnAccount;
        ApiBase = Base(configuration["PAYPAL_API_BASE"]) ?? ApiBase;
        LoginBase = Base(configuration["PAYPAL_LOGIN_BASE"]) ?? LoginBase;
    }

    /// <summary>An address that is none is kept as relative, and refused by the validation.</summary>
    internal static Uri? Base(string? text) => string.IsNullOrWhiteSpace(text) ? null : new Uri(text.Trim(), UriKind.RelativeOrAbsolute);

    /// <summary>Null: it will do.</summary>
    internal static string? Problem(string key, Uri address, IHostEnvironment? environment)
    {
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https")) return $"{key} must be an absolute http or https address.";
        return environment?.IsProduction() == true && (address.Scheme != "https" || IsThisMachine(address))
            ? $"{key} must be https and not this machine in production."
            : null;
    }

    private static bool IsThisMachine(Uri address) => address.IsLoopback
        || (IPAddress.TryParse(address.DnsSafeHost, out var ip)
            && (IPAddress.IsLoopback(ip) || ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)));
}

/// <summary>Refuses to start half configured, or in production with addresses that are not PayPal-like.</summary>
internal sealed class PayPalOptionsValidation(IHostEnvironment? environment = null) : IValidateOptions<PayPalOptions>
{
    public ValidateOptionsResult Validate(string? name, PayPalOptions options)
    {
        var problems = options.Limits.Problems($"{PayPalOptions.Section}:{nameof(PayPalOptions.Limits)}").ToList();
        if (options.ClientId.Length == 0 && options.ClientSecret.Length > 0)
            problems.Add("PAYPAL_CLIENT_ID is missing while PAYPAL_CLIENT_SECRET is set.");
        if (options.ClientSecret.Length == 0 && options.ClientId.Length > 0)
            problems.Add("PAYPAL_CLIENT_SECRET is missing while PAYPAL_CLIENT_ID is set.");
        problems.AddRange(new[]
        {
            PayPalOptions.Problem("PAYPAL_API_BASE", options.ApiBase, environment),
            PayPalOptions.Problem("PAYPAL_LOGIN_BASE", options.LoginBase, environment),
        }.OfType<string>());
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
