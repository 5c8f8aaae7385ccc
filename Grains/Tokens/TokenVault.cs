using FinanceIntegrations.Data.KeyRings;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;

namespace FinanceIntegrations.Grains.Tokens;

/// <summary>Encrypts what a provider gave us. A ciphertext opens only for the integration and the field that it was made for.</summary>
internal sealed class TokenVault([FromKeyedServices(KeyRing.Tokens)] IDataProtectionProvider ring)
{
    public TokenSet Seal(Guid integration, TokenGrant grant, TokenSet? before, DateTimeOffset now) => new()
    {
        AccessToken = Protect(integration, "access_token", grant.AccessToken),
        RefreshToken = grant.RefreshToken is { } refresh ? Protect(integration, "refresh_token", refresh) : before?.RefreshToken,
        ExpiresAt = now + grant.ExpiresIn,
        RefreshExpiresAt = now + grant.RefreshExpiresIn ?? (grant.RefreshToken is null ? before?.RefreshExpiresAt : null),
        Scope = grant.Scope ?? before?.Scope,
        LiveMode = grant.LiveMode ?? before?.LiveMode,
        ObtainedAt = now,
    };

    public ProviderAccess Open(IntegrationState state) => new()
    {
        IntegrationId = state.Id,
        ExternalAccountId = state.ExternalAccountId,
        AccessToken = state.Tokens is { } t ? Unprotect(state.Id, "access_token", t.AccessToken) : null,
        RefreshToken = state.Tokens?.RefreshToken is { } r ? Unprotect(state.Id, "refresh_token", r) : null,
    };

    public string Protect(Guid integration, string field, string text) => Protector(integration, field).Protect(text);

    public string Unprotect(Guid integration, string field, string text) => Protector(integration, field).Unprotect(text);

    private IDataProtector Protector(Guid integration, string field) => ring.CreateProtector("integration", integration.ToString("D"), field);
}
