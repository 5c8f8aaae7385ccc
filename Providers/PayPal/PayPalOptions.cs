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
        ApiBase = ProviderAddress.Read(configuration["PAYPAL_API_BASE"]) ?? ApiBase;
        LoginBase = ProviderAddress.Read(configuration["PAYPAL_LOGIN_BASE"]) ?? LoginBase;
    }
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
            ProviderAddress.Problem("PAYPAL_API_BASE", options.ApiBase, environment),
            ProviderAddress.Problem("PAYPAL_LOGIN_BASE", options.LoginBase, environment),
        }.OfType<string>());
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
