using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace FinanceIntegrations.Sandbox.OAuth;

/// <summary>
/// One OpenIddict server for all providers. It reads and checks requests, decides flows and writes answers; what codes and tokens look
/// like and how long they live is in <see cref="GrantStore"/>, since providers differ in just that, and since a restart must not lose them.
/// </summary>
internal static class OAuthServer
{
    public static void AddOAuthServer(this IServiceCollection services, IReadOnlyList<OAuthRoutes> routes)
    {
        services.AddSingleton<GrantStore>();
        services.AddSingleton<RefreshLog>();
        services.AddSingleton<OAuthDialects>();
        services.AddSingleton<GrantTokens>();
        services.AddSingleton<AuthorizationRules>();
        services.AddSingleton<ExchangeRules>();
        services.AddOpenIddict().AddServer(server =>
        {
            server.EnableDegradedMode();
            server.SetAuthorizationEndpointUris([.. routes.Select(route => route.AuthorizePath)]);
            server.SetTokenEndpointUris([.. routes.Select(route => route.TokenPath)]);
            server.AllowAuthorizationCodeFlow().AllowRefreshTokenFlow();
            server.RegisterScopes([.. routes.SelectMany(route => route.Scopes).Append(OpenIddictConstants.Scopes.OfflineAccess).Distinct()]);
            server.AddEncryptionKey(new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32)));
            server.AddSigningKey(new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256)));
            server.UseAspNetCore().EnableAuthorizationEndpointPassthrough().DisableTransportSecurityRequirement();
            Handle<ValidateAuthorizationRequestContext, AuthorizationRules>(server, int.MinValue + 10_000);
            Handle<ApplyAuthorizationResponseContext, AuthorizationRules>(server, 0);
            Handle<ValidateTokenRequestContext, ExchangeRules>(server, int.MinValue + 10_000);
            Handle<ExtractTokenRequestContext, ExchangeRules>(server, int.MaxValue - 10_000);
            Handle<HandleTokenRequestContext, ExchangeRules>(server, 0);
            Handle<ApplyTokenResponseContext, ExchangeRules>(server, 0);
            Handle<GenerateTokenContext, GrantTokens>(server, int.MinValue + 10_000);
            Handle<ValidateTokenContext, GrantTokens>(server, int.MinValue + 10_000);
        });
    }

    private static void Handle<TContext, THandler>(OpenIddictServerBuilder server, int order)
        where TContext : BaseContext
        where THandler : class, IOpenIddictServerHandler<TContext> =>
        server.AddEventHandler<TContext>(handler => handler.UseSingletonHandler<THandler>().SetOrder(order));
}

/// <summary>What the server must know before any dialect exists.</summary>
internal sealed record OAuthRoutes(string AuthorizePath, string TokenPath, IReadOnlyList<string> Scopes);
