using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FinanceIntegrations.Providers.Transport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>How webhooks of PayPal are verified. Needs no key of the app's unless PayPal itself is asked.</summary>
internal sealed class PayPalWebhookOptions
{
    /// <summary>PAYPAL_WEBHOOK_VERIFICATION: <c>certificate</c>, the default, or <c>api</c>, which needs PAYPAL_CLIENT_SECRET where webhooks are taken.</summary>
    public string Verification { get; set; } = "certificate";

    /// <summary>
    /// PAYPAL_WEBHOOK_ROOTS: a file of PEM certificates, or the PEM itself, that replaces the roots which are trusted. Default: DigiCert's in the
    /// machine's own store, which PayPal's certificates have chained to so far.
    /// </summary>
    public string Roots { get; set; } = "";

    /// <summary>PAYPAL_API_BASE: whose certificates count, and, where it is not PayPal's own, where they are fetched.</summary>
    public PayPalOptions Api { get; set; } = new();

    public bool AsksPayPal => Verification == "api";

    internal void Take(IConfiguration configuration)
    {
        Verification = configuration["PAYPAL_WEBHOOK_VERIFICATION"]?.Trim().ToLowerInvariant() is { Length: > 0 } chosen ? chosen : Verification;
        Roots = configuration["PAYPAL_WEBHOOK_ROOTS"] ?? Roots;
        Api.Take(configuration);
    }

    /// <summary>A live endpoint takes no certificate of PayPal's sandbox.</summary>
    internal IReadOnlyCollection<string> Hosts => Api.LiveMode switch
    {
        true => ["api.paypal.com", "api-m.paypal.com"],
        false => ["api.sandbox.paypal.com", "api-m.sandbox.paypal.com"],
        null => ["api.paypal.com", "api-m.paypal.com", "api.sandbox.paypal.com", "api-m.sandbox.paypal.com"],
    };

    /// <summary>Where a certificate is fetched: at its own address, or at the simulated PayPal that this deployment is told of.</summary>
    internal Uri Source(Uri certificate) =>
        Api.LiveMode is null ? new($"{Api.ApiBase.AbsoluteUri.TrimEnd('/')}{certificate.AbsolutePath}") : certificate;

    /// <exception cref="CryptographicException">It is no PEM.</exception>
    /// <exception cref="IOException">There is no such file.</exception>
    internal X509Certificate2Collection TrustedRoots()
    {
        var trusted = new X509Certificate2Collection();
        if (Roots.Length > 0)
        {
            trusted.ImportFromPem(Roots.Contains("-----BEGIN", StringComparison.Ordinal) ? Roots : File.ReadAllText(Roots.Trim()));
            return trusted;
        }
        using var machine = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
        foreach (var root in machine.Certificates)
            if (root.Subject.Contains("O=DigiCert Inc", StringComparison.Ordinal)) trusted.Add(root);
        return trusted;
    }
}

internal sealed class PayPalWebhookOptionsValidation(IHostEnvironment? environment = null) : IValidateOptions<PayPalWebhookOptions>
{
    public ValidateOptionsResult Validate(string? name, PayPalWebhookOptions options)
    {
        var problems = new List<string>();
        if (options.Verification is not ("certificate" or "api")) problems.Add("PAYPAL_WEBHOOK_VERIFICATION must be certificate or api.");
        if (options.AsksPayPal && !options.Api.Configured)
            problems.Add("PAYPAL_WEBHOOK_VERIFICATION=api needs PAYPAL_CLIENT_ID and PAYPAL_CLIENT_SECRET where webhooks are taken.");
        if (ProviderAddress.Problem("PAYPAL_API_BASE", options.Api.ApiBase, environment) is { } wrong) problems.Add(wrong);
        try
        {
            if (options.Roots.Length > 0 && options.TrustedRoots().Count == 0) problems.Add("PAYPAL_WEBHOOK_ROOTS holds no certificate.");
        }
        catch (Exception unreadable) when (unreadable is CryptographicException or IOException or UnauthorizedAccessException)
        {
            problems.Add($"PAYPAL_WEBHOOK_ROOTS cannot be read ({unreadable.GetType().Name}).");
        }
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
