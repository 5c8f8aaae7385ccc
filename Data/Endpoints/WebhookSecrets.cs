using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;

namespace FinanceIntegrations.Data.Endpoints;

/// <summary>Seals and opens endpoints' signing secrets by the edge key ring. A secret opens only for its own endpoint.</summary>
public sealed class WebhookSecrets([FromKeyedServices("edge")] IDataProtectionProvider ring)
{
    private const string Purpose = "webhook-secret";

    public string Seal(Guid endpoint, string secret) => Protector(endpoint).Protect(secret);

    /// <exception cref="System.Security.Cryptography.CryptographicException">Not sealed for this endpoint, or the key is gone.</exception>
    public string Open(Guid endpoint, string @sealed) => Protector(endpoint).Unprotect(@sealed);

    private IDataProtector Protector(Guid endpoint) => ring.CreateProtector(Purpose, endpoint.ToString("D"));
}
