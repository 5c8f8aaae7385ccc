using System.Net;
using Microsoft.Extensions.Hosting;

namespace FinanceIntegrations.Providers.Transport;

/// <summary>A provider's address as a deployment's configuration has it.</summary>
internal static class ProviderAddress
{
    /// <summary>Null: none is set. An address that is none is kept as relative, and refused by <see cref="Problem"/>.</summary>
    public static Uri? Read(string? text) => string.IsNullOrWhiteSpace(text) ? null : new Uri(text.Trim(), UriKind.RelativeOrAbsolute);

    /// <summary>Null: it will do.</summary>
    /// <param name="key">What the operator has set.</param>
    public static string? Problem(string key, Uri address, IHostEnvironment? environment)
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
