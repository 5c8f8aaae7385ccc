using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace FinanceIntegrations.Api.Auth;

internal static class AuthServices
{
    public const string Admin = "admin";

    /// <summary>May change something at providers: pay out, answer disputes.</summary>
    public const string Writer = "writer";

    private const string DevelopmentIssuer = "finance-integrations-dev";

    /// <summary>JWT bearer; <c>sub</c> is the user, <c>role</c> may be <c>admin</c> or <c>writer</c>, or both.</summary>
    public static IServiceCollection AddAuth(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<AuthOptions>, AuthOptionsValidator>();
        services.AddOptionsWithValidateOnStart<AuthOptions>().BindConfiguration(AuthOptions.Section);
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<IOptions<AuthOptions>, IHostEnvironment>((jwt, auth, environment) => Configure(jwt, auth.Value, environment));
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        var user = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().RequireClaim("sub").Build();
        services.AddAuthorizationBuilder().SetDefaultPolicy(user).AddPolicy(Admin, p => p.Combine(user).RequireRole(Admin))
            .AddPolicy(Writer, p => p.Combine(user).RequireRole(Writer));
        return services;
    }

    /// <summary>The caller. Every request behind authorization has one.</summary>
    public static string Id(this ClaimsPrincipal user) =>
        user.FindFirstValue("sub") ?? throw new InvalidOperationException("Authorization let a token without sub through.");

    private static void Configure(JwtBearerOptions jwt, AuthOptions auth, IHostEnvironment environment)
    {
        jwt.MapInboundClaims = false;
        var checks = jwt.TokenValidationParameters;
        checks.NameClaimType = "sub";
        checks.RoleClaimType = "role";
        checks.ValidAudience = auth.Audience;
        checks.RequireSignedTokens = true;
        checks.RequireExpirationTime = true;
        checks.ClockSkew = TimeSpan.FromSeconds(30);
        if (auth.DevelopmentKey() is { } key)
        {
            checks.ValidIssuer = DevelopmentIssuer;
            checks.IssuerSigningKey = new SymmetricSecurityKey(key);
            checks.ValidAlgorithms = [SecurityAlgorithms.HmacSha256];
        }
        else
        {
            jwt.Authority = auth.Authority;
            jwt.RequireHttpsMetadata = !environment.IsDevelopment();
            // An issuer signs with its private key: a symmetric signature can only be a forgery.
            checks.ValidAlgorithms =
                ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];
        }
    }
}
