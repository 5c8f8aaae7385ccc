using System.Text.Json;
using Duende.IdentityModel;
using Duende.IdentityModel.Client;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Tokens;
using FinanceIntegrations.Providers.Transport;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Providers.Square;

/// <summary>Square's OAuth, as a confidential client (code flow) or a public one (PKCE flow): square.md §2.</summary>
internal sealed class SquareAuth(SquareApi api, IOptions<SquareOptions> options) : IAuthorizes
{
    /// <summary>What answering disputes needs.</summary>
    public const string Answering = "DISPUTES_WRITE";

    /// <summary>What the streams read, and no more. Said outright: Square's default has neither payouts nor disputes.</summary>
    public static readonly IReadOnlyList<string> Scopes = ["MERCHANT_PROFILE_READ", "PAYMENTS_READ", "PAYOUTS_READ", "DISPUTES_READ"];

    /// <summary>Access tokens live 30 days. Square wants them refreshed every 7 days or sooner, and an alarm from the 8th day on.</summary>
    private static readonly TokenRules Common = new()
    {
        AccessLifetime = TimeSpan.FromDays(30),
        RefreshEvery = TimeSpan.FromDays(7),
        CallsPerMinute = 60,
    };

    /// <summary>The refresh token never ends, and every refresh hands the same one out again.</summary>
    private static readonly TokenRules Confidential = Common with { Rotates = false };

    /// <summary>Each refresh token works once, and for 90 days.</summary>
    private static readonly TokenRules Pkce = Common with { Rotates = true, RefreshLifetime = TimeSpan.FromDays(90) };

    /// <summary>What sellers are asked for: nothing that changes something, as long as this deployment lets nobody change it.</summary>
    public static IReadOnlyList<string> ScopesOf(SquareOptions options) => options.AnswersDisputes ? [.. Scopes, Answering] : Scopes;

    public bool UsesPkce => options.Value.UsePkce;

    public static TokenRules RulesOf(SquareOptions options) => options.UsePkce ? Pkce : Confidential;

    /// <remarks>With <c>session=false</c> the seller logs in: else whoever is logged in at Square connects, silently. The sandbox ignores it.</remarks>
    public Uri AuthorizationUrl(AuthorizationRequest request) => new(
        new RequestUrl($"{options.Value.ApiBase.OriginalString.TrimEnd('/')}/oauth2/authorize").CreateAuthorizeUrl(
            options.Value.ClientId, OidcConstants.ResponseTypes.Code, string.Join(' ', ScopesOf(options.Value)), request.RedirectUri.AbsoluteUri, request.State,
            codeChallenge: UsesPkce ? request.CodeChallenge : null,
            codeChallengeMethod: UsesPkce && request.CodeChallenge is not null ? OidcConstants.CodeChallengeMethods.Sha256 : null,
            extra: new Parameters { { "session", "false" } }));

    public async Task<ProviderResult<TokenGrant>> ExchangeAsync(CodeExchange exchange, CancellationToken cancel)
    {
        var answer = await api.ExchangeCodeAsync(exchange.Code, exchange.RedirectUri, exchange.CodeVerifier, cancel);
        return answer.Ok ? Read(answer.Value) : answer.Error!;
    }

    public async Task<ProviderResult<TokenGrant>> RefreshAsync(string refreshToken, CancellationToken cancel)
    {
        var answer = await api.RefreshTokenAsync(refreshToken, cancel);
        return answer.Ok ? Read(answer.Value) : answer.Error!;
    }

    /// <summary>Ends all tokens that this application holds of the seller.</summary>
    public async Task<ProviderResult<bool>> RevokeAsync(ProviderAccess access, CancellationToken cancel)
    {
        if (access.ExternalAccountId is not { Length: > 0 } merchant) return SquareErrors.NoAccount;
        var answer = await api.RevokeAsync(merchant, cancel);
        return answer.Error switch
        {
            null => true,
            { HttpStatus: 404 } or { Code: "ACCESS_TOKEN_REVOKED" } => true,   // it was gone already
            var error => error,
        };
    }

    /// <summary>The call took effect; without its answer the tokens are lost, and nobody can say so but the next attempt.</summary>
    private ProviderResult<TokenGrant> Read(ProviderAnswer answer)
    {
        try
        {
            var token = JsonSerializer.Deserialize(answer.Body.Span, SquareJson.Default.SquareToken);
            if (token is { AccessToken.Length: > 0, MerchantId.Length: > 0 })
                return new TokenGrant
                {
                    AccessToken = token.AccessToken,
                    RefreshToken = string.IsNullOrEmpty(token.RefreshToken) ? null : token.RefreshToken,
                    ExpiresIn = Left(token.ExpiresAt, answer),
                    RefreshExpiresIn = Left(token.RefreshTokenExpiresAt, answer),
                    ExternalAccountId = token.MerchantId,
                    LiveMode = options.Value.LiveMode,
                };
        }
        catch (JsonException)
        {
            // Answered below, like a token that lacks what it must have.
        }
        return SquareErrors.Unreadable(answer) with { Class = ErrorClass.OutcomeUnknown };
    }

    /// <summary>Square tells the moment of the end: what is left of it is measured by Square's clock, not by ours.</summary>
    private static TimeSpan? Left(string? end, ProviderAnswer answer) =>
        SquareTime.Parse(end) is { } at ? (at > answer.Date ? at - answer.Date : TimeSpan.Zero) : null;
}
