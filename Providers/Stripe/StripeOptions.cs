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

    /// <summary>Where files are uploaded: STRIPE_FILES_BASE.</summary>
    public Uri FilesBase { get; set; } = new("https://files.stripe.com");

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
        ApiBase = ProviderAddress.Read(configuration["STRIPE_API_BASE"]) ?? ApiBase;
        ConnectBase = ProviderAddress.Read(configuration["STRIPE_CONNECT_BASE"]) ?? ConnectBase;
        FilesBase = ProviderAddress.Read(configuration["STRIPE_FILES_BASE"]) ?? FilesBase;
    }
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
        problems.AddRange(new[]
        {
            ProviderAddress.Problem("STRIPE_API_BASE", options.ApiBase, environment),
            ProviderAddress.Problem("STRIPE_CONNECT_BASE", options.ConnectBase, environment),
            ProviderAddress.Problem("STRIPE_FILES_BASE", options.FilesBase, environment),
        }.OfType<string>());
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
