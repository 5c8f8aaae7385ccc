using OpenIddict.Abstractions;

namespace FinanceIntegrations.Sandbox.OAuth;

/// <summary>Who can be chosen on the consent page.</summary>
internal sealed record ConsentChoice(string Id, string Name);

/// <summary>What one provider does differently from the standard that the server library implements.</summary>
internal interface IOAuthDialect
{
    string Provider { get; }

    /// <summary>Full paths, our prefix included.</summary>
    string AuthorizePath { get; }
    string TokenPath { get; }

    string ClientId { get; }
    IReadOnlyList<string> Scopes { get; }

    /// <summary>What is granted when nothing is asked for.</summary>
    string DefaultScope { get; }
    TimeSpan CodeLifetime { get; }

    /// <summary>Null: access tokens live until revoked.</summary>
    TimeSpan? AccessTokenLifetime { get; }

    /// <summary>How refresh tokens live and rotate; null: they live until revoked, and the same one is handed out again.</summary>
    TokenLife? RefreshTokens => null;

    /// <summary>The same, where it depends on the form of client that the consent was given to.</summary>
    /// <param name="family">Of the consent.</param>
    TokenLife? LifeOf(string? family) => RefreshTokens;

    IReadOnlyList<ConsentChoice> Choices();

    /// <summary>Turns the provider's token request into a standard one.</summary>
    void ReadTokenRequest(HttpRequest http, OpenIddictRequest request);

    /// <summary>Null when the client's credentials are right, else what is wrong.</summary>
    string? RefuseClient(OpenIddictRequest request);

    string NewToken(GrantKind kind, string subject, string scope);

    /// <summary>What is said of a code or token that can't be used; <paramref name="grant"/> is null when there is none.</summary>
    string DescribeUnusable(string token, Grant? grant);

    /// <summary>A code came in a second time.</summary>
    void CodeReused(Grant grant);

    /// <summary>A code was exchanged, or a token refreshed; the new tokens are issued next.</summary>
    void Exchanged(Grant grant);

    void WriteAuthorization(OpenIddictResponse response, string? scope);

    /// <summary>The provider's own spelling of a refusal.</summary>
    void WriteError(OpenIddictResponse response)
    {
    }

    void WriteTokens(OpenIddictResponse response, string subject, string scope);
}

internal sealed class OAuthDialects(IEnumerable<IOAuthDialect> dialects)
{
    private readonly IOAuthDialect[] _dialects = [.. dialects];

    public IOAuthDialect Of(HttpRequest? request) =>
        Array.Find(_dialects, dialect => request is not null && (dialect.AuthorizePath == request.Path || dialect.TokenPath == request.Path))
        ?? throw new InvalidOperationException($"No provider answers OAuth at '{request?.Path}'.");
}
