using System.Security.Cryptography;
using System.Text;
using FinanceIntegrations.Data.KeyRings;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Tokens;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Grains.Tokens;

/// <summary>Encrypts what a provider gave us. A ciphertext opens only for the integration and the field that it was made for.</summary>
internal sealed class TokenVault([FromKeyedServices(KeyRing.Tokens)] IDataProtectionProvider ring, IOptions<TokenOptions> options)
{
    private const int FingerprintBytes = 8;

    /// <param name="integration">Whose they are.</param>
    /// <param name="grant">What the provider gave.</param>
    /// <param name="before">What was held until now; null at a consent. A grant without a refresh token keeps the old one.</param>
    /// <param name="rules">The provider's.</param>
    /// <param name="now">When the answer came.</param>
    public TokenSet Seal(Guid integration, TokenGrant grant, TokenSet? before, TokenRules rules, DateTimeOffset now)
    {
        var refresh = grant.RefreshToken is { } given ? Protect(integration, "refresh_token", given) : before?.RefreshToken;
        var expires = now + (grant.ExpiresIn ?? rules.AccessLifetime);
        var ends = now + grant.RefreshExpiresIn ?? (grant.RefreshToken is null ? before?.RefreshExpiresAt : now + rules.RefreshLifetime);
        return new()
        {
            AccessToken = Protect(integration, "access_token", grant.AccessToken),
            RefreshToken = refresh,
            ExpiresAt = expires,
            RefreshExpiresAt = ends,
            // Without a refresh token there is nothing to do ahead of the end.
            RefreshAt = refresh is null ? expires : TokenPolicy.RefreshAt(now, expires, rules, options.Value.Margins, Random.Shared.NextDouble()),
            WarnAt = TokenPolicy.WarnAt(ends, rules, now),
            Scope = grant.Scope ?? before?.Scope,
            LiveMode = grant.LiveMode ?? before?.LiveMode,
            ObtainedAt = now,
        };
    }

    public ProviderAccess Open(IntegrationState state) => new()
    {
        IntegrationId = state.Id,
        ExternalAccountId = state.ExternalAccountId,
        AccessToken = state.Tokens is { } t ? Unprotect(state.Id, "access_token", t.AccessToken) : null,
        RefreshToken = state.Tokens?.RefreshToken is { } r ? Unprotect(state.Id, "refresh_token", r) : null,
    };

    /// <summary>Tells refresh tokens apart without telling them: the beginning of the SHA-256.</summary>
    public static string? Fingerprint(string? refreshToken) => refreshToken is null
        ? null
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(refreshToken)).AsSpan(0, FingerprintBytes));

    public string Protect(Guid integration, string field, string text) => Protector(integration, field).Protect(text);

    public string Unprotect(Guid integration, string field, string text) => Protector(integration, field).Unprotect(text);

    private IDataProtector Protector(Guid integration, string field) => ring.CreateProtector("integration", integration.ToString("D"), field);
}
