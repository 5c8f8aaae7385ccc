using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Api.Auth;

/// <summary>Whose tokens are taken: an OIDC authority's, or, outside production, those signed by a development key.</summary>
internal sealed class AuthOptions
{
    public const string Section = "Auth";

    /// <summary>Base64 of at least 32 bytes, HS256.</summary>
    public string? DevelopmentSigningKey { get; set; }

    /// <summary>Address of the OIDC issuer.</summary>
    public string? Authority { get; set; }

    public string Audience { get; set; } = "finance-integrations";

    /// <summary>Null: not base64, or too short for HS256 (RFC 7518, 3.2).</summary>
    public byte[]? DevelopmentKey()
    {
        if (DevelopmentSigningKey is null) return null;
        var key = new byte[DevelopmentSigningKey.Length];
        return Convert.TryFromBase64String(DevelopmentSigningKey, key, out var length) && length >= 32 ? key[..length] : null;
    }
}

internal sealed class AuthOptionsValidator(IHostEnvironment environment) : IValidateOptions<AuthOptions>
{
    public ValidateOptionsResult Validate(string? name, AuthOptions options)
    {
        if (options.DevelopmentSigningKey is null)
            return string.IsNullOrWhiteSpace(options.Authority)
                ? ValidateOptionsResult.Fail("Auth:Authority is missing: the address of the OIDC issuer whose tokens are taken.")
                : ValidateOptionsResult.Success;
        if (environment.IsProduction())
            return ValidateOptionsResult.Fail(
                "Auth:DevelopmentSigningKey is refused in Production: set Auth:Authority and Auth:Audience instead.");
        if (!string.IsNullOrWhiteSpace(options.Authority))
            return ValidateOptionsResult.Fail("Auth:DevelopmentSigningKey and Auth:Authority are both set: choose one.");
        return options.DevelopmentKey() is null
            ? ValidateOptionsResult.Fail("Auth:DevelopmentSigningKey must be base64 of at least 32 bytes.")
            : ValidateOptionsResult.Success;
    }
}
