using System.Net;
using FinanceIntegrations.Providers.Transport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Providers.Stripe;

/// <summary>The platform's account at Stripe. Keys <c>STRIPE_*</c>; limits in section <c>Providers:Stripe</c>.</summary>
public sealed class StripeOptions
{
    public const string Section = "Providers:Stripe";

    /// <summary>The platform's <c>ca_…</c>: STRIPE_CLIENT_ID.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>The platform's <c>sk_…</c> or <c>rk_…</c>: STRIPE_CLIENT_SECRET.</summary>
    public string SecretKey { get; set; } = "";

    /// <summary>STRIPE_API_BASE.</summary>
    public Uri ApiBase { get; set; } = new("https://api.stripe.com");

    /// <summary>STRIPE_CONNECT_BASE.</summary>
    public Uri ConnectBase { get; set; } = new("https://connect.stripe.com");

    public TransportLimits Limits { get; set; } = new();

    /// <summary>Both keys are there: users can connect.</summary>
    internal bool Configured => ClientId.Length > 0 && SecretKey.Length > 0;

    /// <summary>By the key's prefix (stripe.md §1); null where it has none.</summary>
    internal bool? LiveMode => SecretKey.Contains("k_live_", StringComparison.Ordinal) ? true
        : SecretKey.Contains("k_test_", StringComparison.Ordinal) ? false
        : null;

    internal void Take(IConfiguration configuration)
    {
        configuration.GetSection(Section).Bind(this);
        ClientId = configuration["STRIPE_CLIENT_ID"]?.Trim() ?? ClientId;
        SecretKey = configuration["STRIPE_CLIENT_SECRET"]?.Trim() ?? SecretKey;
        ApiBase = Base(configuration["STRIPE_API_BASE"]) ?? ApiBase;
        ConnectBase = Base(configuration["STRIPE_CONNECT_BASE"]) ?? ConnectBase;
    }

    /// <summary>An address that is none is kept as relative, and refused by the validation.</summary>
    private static Uri? Base(string? text) => string.IsNullOrWhiteSpace(text) ? null : new Uri(text.Trim(), UriKind.RelativeOrAbsolute);
}

/// <summary>Refuses to start half configured, or in production with addresses that are not Stripe-like.</summary>
internal sealed class StripeOptionsValidation(IHostEnvironment? environment = null) : IValidateOptions<StripeOptions>
{
    public ValidateOptionsResult Validate(string? name, StripeOptions options)
    {
        var problems = options.Limits.Problems($"{StripeOptions.Section}:{nameof(StripeOptions.Limits)}").ToList();
        if (options.ClientId.Length == 0 && options.SecretKey.Length > 0)
            problems.Add("STRIPE_CLIENT_ID is missing while STRIPE_CLIENT_SECRET is set.");
        if (options.SecretKey.Length == 0 && options.ClientId.Length > 0)
            problems.Add("STRIPE_CLIENT_SECRET is missing while STRIPE_CLIENT_ID is set.");
        Check(problems, "STRIPE_API_BASE", options.ApiBase);
        Check(problems, "STRIPE_CONNECT_BASE", options.ConnectBase);
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private void Check(List<string> problems, string key, Uri address)
    {
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https"))
            problems.Add($"{key} must be an absolute http or https address.");
        else if (environment?.IsProduction() == true && (address.Scheme != "https" || IsLoopback(address)))
            problems.Add($"{key} must be https and not this machine in production.");
    }

    private static bool IsLoopback(Uri address) => address.IsLoopback
        || (IPAddress.TryParse(address.DnsSafeHost, out var ip)
            && (IPAddress.IsLoopback(ip) || ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)));
}
