using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers.Transport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Providers.Square;

/// <summary>The application at Square. Keys <c>SQUARE_*</c>; limits in section <c>Providers:Square</c>.</summary>
public sealed class SquareOptions
{
    public const string Section = "Providers:Square";

    internal const string LiveHost = "connect.squareup.com";
    internal const string SandboxHost = "connect.squareupsandbox.com";

    /// <summary>The application's id, <c>sq0idp-…</c> or <c>sandbox-sq0idb-…</c>: SQUARE_CLIENT_ID.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>The application's OAuth secret, <c>sq0csp-…</c>: SQUARE_CLIENT_SECRET. With PKCE it is used for revoking only, and may be absent.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>The public form of client, with PKCE: no secret proves who asks, and each refresh rotates its token. SQUARE_USE_PKCE; default false.</summary>
    public bool UsePkce { get; set; }

    /// <summary>API and OAuth: SQUARE_API_BASE. Default: production.</summary>
    public Uri ApiBase { get; set; } = new("https://" + LiveHost);

    /// <summary>Square publishes no limit; sellers report throttling from about 6 calls per second on (square.md §6). Default 5.</summary>
    public TransportLimits Limits { get; set; } = new() { CallsPerSecondPerAccount = 5 };

    internal bool Configured => ClientId.Length > 0 && (UsePkce || ClientSecret.Length > 0);

    /// <summary>By the host; null where it is neither of Square's.</summary>
    internal bool? LiveMode => !ApiBase.IsAbsoluteUri ? null : ApiBase.Host switch
    {
        LiveHost => true,
        SandboxHost => false,
        _ => null,
    };

    /// <summary>A switch lets disputes be answered. Read at the start: who connects then is asked for the permission.</summary>
    internal bool AnswersDisputes { get; private set; }

    internal void Take(IConfiguration configuration)
    {
        configuration.GetSection(Section).Bind(this);
        var switches = configuration.GetSection(ProviderFeatures.Section);
        AnswersDisputes = SquareConnector.Facts.Writes.Any(kind =>
            switches.GetSection(ProviderFeatures.NameOf(ProviderId.Square, kind)) is var one && one.Exists() && !"false".Equals(one.Value, StringComparison.OrdinalIgnoreCase));
        ClientId = configuration["SQUARE_CLIENT_ID"]?.Trim() ?? ClientId;
        ClientSecret = configuration["SQUARE_CLIENT_SECRET"]?.Trim() ?? ClientSecret;
        UsePkce = bool.TryParse(configuration["SQUARE_USE_PKCE"], out var pkce) ? pkce : UsePkce;
        ApiBase = ProviderAddress.Read(configuration["SQUARE_API_BASE"]) ?? ApiBase;
    }
}

/// <summary>Refuses to start half configured, with keys of the other environment, or in production with an address that is not Square-like.</summary>
internal sealed class SquareOptionsValidation(IHostEnvironment? environment = null) : IValidateOptions<SquareOptions>
{
    private const string SandboxPrefix = "sandbox-";

    public ValidateOptionsResult Validate(string? name, SquareOptions options)
    {
        var problems = options.Limits.Problems($"{SquareOptions.Section}:{nameof(SquareOptions.Limits)}").ToList();
        if (options.ClientId.Length == 0 && options.ClientSecret.Length > 0)
            problems.Add("SQUARE_CLIENT_ID is missing while SQUARE_CLIENT_SECRET is set.");
        if (options is { ClientId.Length: > 0, ClientSecret.Length: 0, UsePkce: false })
            problems.Add("SQUARE_CLIENT_SECRET is missing while SQUARE_CLIENT_ID is set and SQUARE_USE_PKCE is not true.");
        if (ProviderAddress.Problem("SQUARE_API_BASE", options.ApiBase, environment) is { } wrong) problems.Add(wrong);
        var ofSandbox = options.ClientId.StartsWith(SandboxPrefix, StringComparison.Ordinal);
        if (options.ClientId.Length > 0 && options.LiveMode is { } live && live == ofSandbox)
            problems.Add($"SQUARE_CLIENT_ID is an id of Square's {(ofSandbox ? "sandbox" : "production")}, and SQUARE_API_BASE is the other one's host.");
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
