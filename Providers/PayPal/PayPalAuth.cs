using Duende.IdentityModel;
using Duende.IdentityModel.Client;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers.Wire;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>
/// Who the merchant is, by a log-in with PayPal (paypal.md §2b); what we may read is what the merchant has granted to the app as its partner.
/// Calls are made with the app's own token (§2a), so that nothing of the log-in is kept.
/// </summary>
internal sealed class PayPalAuth(PayPalApi api, IOptions<PayPalOptions> options) : IAuthorizes, IIssuesTokens
{
    /// <summary>What stands in the place of a code where the account is the app's own: nobody consents to what is theirs.</summary>
    public const string OwnAccount = "own_account";

    public bool UsesPkce => true;

    public Uri AuthorizationUrl(AuthorizationRequest request)
    {
        if (options.Value.OwnAccount)
            return new($"{request.RedirectUri.AbsoluteUri}{(request.RedirectUri.Query.Length == 0 ? '?' : '&')}code={OwnAccount}&state={Uri.EscapeDataString(request.State)}");
        return new(new RequestUrl($"{options.Value.LoginBase.AbsoluteUri.TrimEnd('/')}/signin/authorize").CreateAuthorizeUrl(
            options.Value.ClientId, OidcConstants.ResponseTypes.Code, PayPalApi.LoginScopes, request.RedirectUri.AbsoluteUri, request.State,
            codeChallenge: request.CodeChallenge, codeChallengeMethod: request.CodeChallenge is null ? null : OidcConstants.CodeChallengeMethods.Sha256,
            extra: new Parameters { { "flowEntry", "static" } }));
    }

    public async Task<ProviderResult<TokenGrant>> ExchangeAsync(CodeExchange exchange, CancellationToken cancel)
    {
        if (options.Value.OwnAccount) return exchange.Code == OwnAccount ? await OwnAsync(cancel) : PayPalErrors.NoAccount;
        var login = await api.ExchangeCodeAsync(exchange, cancel);
        if (!login.Ok) return login.Error!;
        if (JsonBody.Read(login.Value.Body, PayPalJson.Default.PayPalToken) is not { AccessToken.Length: > 0 } token)
            return PayPalErrors.Unreadable(login.Value) with { Class = ErrorClass.OutcomeUnknown };
        var user = await api.GetUserAsync(token.AccessToken, cancel);
        if (!user.Ok) return user.Error!;
        return JsonBody.Read(user.Value.Body, PayPalJson.Default.PayPalUser) is { PayerId: { Length: > 0 and <= 64 } merchant }
            ? await IssueAsync(merchant, cancel)
            : PayPalErrors.Unreadable(user.Value, "payer_id_missing");
    }

    /// <summary>The app's token again, whoever's: there is no other.</summary>
    public Task<ProviderResult<TokenGrant>> RefreshAsync(string refreshToken, CancellationToken cancel) => IssueAsync(null, cancel);

    /// <remarks>PayPal hands the same token out until it dies, with the seconds that are left: they are taken as they are (paypal.md §2a).</remarks>
    public async Task<ProviderResult<TokenGrant>> IssueAsync(string? externalAccountId, CancellationToken cancel)
    {
        var answer = await api.GetAppTokenAsync(cancel);
        if (!answer.Ok) return answer.Error!;
        if (JsonBody.Read(answer.Value.Body, PayPalJson.Default.PayPalToken) is not { AccessToken.Length: > 0 } token) return PayPalErrors.Unreadable(answer.Value);
        return new TokenGrant
        {
            AccessToken = token.AccessToken,
            ExpiresIn = TimeSpan.FromSeconds(Math.Clamp(token.ExpiresIn, 0, int.MaxValue)),
            ExternalAccountId = externalAccountId,
            LiveMode = options.Value.LiveMode,
        };
    }

    /// <summary>PayPal has no call for it. Of the app's own account there is nothing to withdraw.</summary>
    public Task<ProviderResult<bool>> RevokeAsync(ProviderAccess access, CancellationToken cancel) =>
        Task.FromResult<ProviderResult<bool>>(options.Value.OwnAccount ? true : PayPalErrors.OnlyThere);

    /// <summary>The balances name the account that the app belongs to.</summary>
    private async Task<ProviderResult<TokenGrant>> OwnAsync(CancellationToken cancel)
    {
        var grant = await IssueAsync(null, cancel);
        if (!grant.Ok) return grant;
        var answer = await api.GetBalancesAsync(new(OwnAccount, grant.Value.AccessToken, default, Patient: false), cancel);
        if (!answer.Ok) return answer.Error!;
        return JsonBody.Read(answer.Value.Body, PayPalJson.Default.PayPalBalances) is { AccountId: { Length: > 0 and <= 64 } account }
            ? grant.Value with { ExternalAccountId = account }
            : PayPalErrors.Unreadable(answer.Value, "account_id_missing");
    }
}
