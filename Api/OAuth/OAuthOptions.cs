using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Api.OAuth;

/// <summary>Where providers may send users back to.</summary>
internal sealed class OAuthOptions
{
    public const string Section = "OAuth";

    /// <summary>Allowed values of redirect_uri; the first is the default. An address is compared letter by letter.</summary>
    public IReadOnlyList<string> RedirectUris { get; set; } = [];

    /// <summary>Null: the address is not on the list.</summary>
    public string? Allow(string? wished) =>
        wished is null ? RedirectUris[0] : RedirectUris.FirstOrDefault(u => string.Equals(u, wished, StringComparison.Ordinal));
}

internal sealed class OAuthOptionsValidator(IHostEnvironment environment) : IValidateOptions<OAuthOptions>
{
    public ValidateOptionsResult Validate(string? name, OAuthOptions options)
    {
        if (options.RedirectUris.Count == 0)
            return ValidateOptionsResult.Fail("OAuth:RedirectUris:0 is missing: the address to which providers send users back.");
        var bad = options.RedirectUris.FirstOrDefault(u => !Uri.TryCreate(u, UriKind.Absolute, out var uri) || !Fits(uri));
        return bad is null
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"OAuth:RedirectUris: '{bad}' is not an absolute https address (http only outside Production).");
    }

    private bool Fits(Uri uri) =>
        uri.Fragment.Length == 0 && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && !environment.IsProduction()));
}

/// <summary>How we are seen from outside.</summary>
internal sealed class ApiOptions
{
    public const string Section = "Api";

    /// <summary>Scheme, host and port; no path.</summary>
    [Required(ErrorMessage = "Api:PublicUrl is missing: the address under which callers and providers reach this API.")]
    public Uri? PublicUrl { get; set; }

    public string Address(string path) => new Uri(PublicUrl!, path).ToString();
}

internal sealed class ApiOptionsValidator(IHostEnvironment environment) : IValidateOptions<ApiOptions>
{
    public ValidateOptionsResult Validate(string? name, ApiOptions options) => options.PublicUrl is not { } url || Fits(url)
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail($"Api:PublicUrl: '{url}' is not an absolute https address without a path (http only outside Production).");

    private bool Fits(Uri url) => url is { IsAbsoluteUri: true, PathAndQuery: "/", Fragment: "" }
        && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && !environment.IsProduction()));
}
