using System.Text.Json;
using Duende.IdentityModel;
using Duende.IdentityModel.Client;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers.Transport;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Providers.Stripe;

/// <summary>Connect OAuth for Standard accounts (stripe.md §2).</summary>
/// <remarks>Calls are made with the platform's key; the tokens only prove the consent.</remarks>
internal sealed class StripeAuth(StripeApi api, IOptions<StripeOptions> options) : IAuthorizes
{
    /// <summary>The only scope that a platform can ask for since 2021.</summary>
    public const string Scope = "read_write";

    public bool UsesPkce => false;

    public Uri AuthorizationUrl(AuthorizationRequest request) => new(
        new RequestUrl($"{options.Value.ConnectBase.AbsoluteUri.TrimEnd('/')}/oauth/authorize").CreateAuthorizeUrl(
            options.Value.ClientId, OidcConstants.ResponseTypes.Code, Scope, request.RedirectUri.AbsoluteUri, request.State));

    /// <summary>Sent once: a code that is used again revokes the connection that it made.</summary>
    public async Task<ProviderResult<TokenGrant>> ExchangeAsync(CodeExchange exchange, CancellationToken cancel)
    {
        var answer = await api.ExchangeCodeAsync(exchange.Code, cancel);
        return answer.Ok ? Read(answer.Value) : answer.Error!;
    }

    public async Task<ProviderResult<TokenGrant>> RefreshAsync(string refreshToken, CancellationToken cancel)
    {
        var answer = await api.RefreshTokenAsync(refreshToken, cancel);
        return answer.Ok ? Read(answer.Value) : answer.Error!;
    }

    /// <remarks>
    /// Stripe says <c>invalid_client</c> both of a wrong client and of an account that has left: reading the account tells which.
    /// </remarks>
    public async Task<ProviderResult<bool>> RevokeAsync(ProviderAccess access, CancellationToken cancel)
    {
        if (access.ExternalAccountId is not { Length: > 0 } account) return StripeErrors.NoAccount;
        var answer = await api.DeauthorizeAsync(account, cancel);
        if (answer.Error is not { } error) return true;
        if (error.Code != "invalid_client") return error;
        var seen = await api.GetAccountAsync(new(account, access.Lane), cancel);
        return seen.Error is { Class: ErrorClass.Consent } ? true : error;
    }

    /// <summary>The call took effect; without its answer the tokens are lost, and nobody can say so but the user's next attempt.</summary>
    private static ProviderResult<TokenGrant> Read(ProviderAnswer answer)
    {
        try
        {
            var token = JsonSerializer.Deserialize(answer.Body.Span, StripeJson.Default.StripeToken);
            if (token is { AccessToken.Length: > 0, StripeUserId.Length: > 0 })
                return new TokenGrant
                {
                    AccessToken = token.AccessToken,
                    RefreshToken = token.RefreshToken,
                    Scope = token.Scope,
                    ExternalAccountId = token.StripeUserId,
                    LiveMode = token.Livemode,
                };
        }
        catch (JsonException)
        {
            // Answered below, like a token that lacks what it must have.
        }
        return StripeErrors.Unreadable(answer) with { Class = ErrorClass.OutcomeUnknown };
    }
}
