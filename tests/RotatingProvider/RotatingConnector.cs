using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Sync;

namespace FinanceIntegrations.RotatingProvider;

/// <summary>OAuth with rotating tokens as a real connector speaks it, and one stream of one row.</summary>
internal sealed class RotatingConnector(RotatingFacts facts, Uri sandbox) : IConnector, IAuthorizes
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };

    public ProviderInfo Info => facts.Info;

    public bool UsesPkce => false;

    private bool IsXero => Info.Id == ProviderId.Xero;

    public Uri AuthorizationUrl(AuthorizationRequest request) => new(sandbox,
        $"{facts.AuthorizePath}?response_type=code&client_id={facts.ClientId}&scope={Uri.EscapeDataString(facts.Scope)}"
        + $"&redirect_uri={Uri.EscapeDataString(request.RedirectUri.AbsoluteUri)}&state={Uri.EscapeDataString(request.State)}");

    public async Task<ProviderResult<TokenGrant>> ExchangeAsync(CodeExchange exchange, CancellationToken cancel)
    {
        var tokens = await TokensAsync(
            new() { ["grant_type"] = "authorization_code", ["code"] = exchange.Code, ["redirect_uri"] = exchange.RedirectUri.AbsoluteUri }, cancel);
        if (tokens.Error is { } error) return error;
        if (exchange.Parameters.TryGetValue("realmId", out var realm)) return tokens.Value with { ExternalAccountId = realm };
        var connections = await GetAsync("/xero/connections", tokens.Value.AccessToken, cancel);
        return connections.Error is { } refused ? refused : tokens.Value with { ExternalAccountId = (string?)connections.Value[0]!["tenantId"] };
    }

    public Task<ProviderResult<TokenGrant>> RefreshAsync(string refreshToken, CancellationToken cancel) =>
        TokensAsync(new() { ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken }, cancel);

    public async Task<ProviderResult<bool>> RevokeAsync(ProviderAccess access, CancellationToken cancel)
    {
        using HttpContent body = IsXero
            ? new FormUrlEncodedContent([new("token", access.RefreshToken)])
            : JsonContent.Create(new { token = access.RefreshToken });
        using var request = Request(HttpMethod.Post, facts.RevokePath, body);
        var answer = await SendAsync(request, cancel);
        return answer.Error is { } error ? error : true;
    }

    public async Task<ProviderResult<SyncPage>> FetchPageAsync(PageRequest request, CancellationToken cancel)
    {
        var account = request.Access.ExternalAccountId!;
        var path = IsXero ? "/xero/connections" : $"/quickbooks/v3/company/{account}/companyinfo/{account}";
        var answer = await GetAsync(path, request.Access.AccessToken!, cancel);
        if (answer.Error is { } error) return error;
        return new SyncPage
        {
            Records =
            [
                new Account
                {
                    ExternalId = account,
                    AsOf = TimeProvider.System.GetUtcNow(),
                    Raw = JsonSerializer.SerializeToUtf8Bytes(answer.Value),
                    Name = account,
                    AccountType = "organisation",
                    Status = "enabled",
                },
            ],
            Cursor = "end",
            EndOfPass = true,
        };
    }

    public Task<ConnectionTest> TestAsync(ProviderAccess access, CancellationToken cancel) => Task.FromResult(new ConnectionTest([]));

    private async Task<ProviderResult<TokenGrant>> TokensAsync(Dictionary<string, string> form, CancellationToken cancel)
    {
        using var body = new FormUrlEncodedContent(form);
        using var request = Request(HttpMethod.Post, facts.TokenPath, body);
        var answer = await SendAsync(request, cancel);
        if (answer.Error is { } error) return error;
        var tokens = answer.Value!;
        return new TokenGrant
        {
            AccessToken = (string)tokens["access_token"]!,
            RefreshToken = (string?)tokens["refresh_token"],
            ExpiresIn = TimeSpan.FromSeconds((double)tokens["expires_in"]!),
            RefreshExpiresIn = tokens["x_refresh_token_expires_in"] is { } left ? TimeSpan.FromSeconds((double)left) : null,
            Scope = (string?)tokens["scope"],
        };
    }

    private async Task<ProviderResult<JsonNode>> GetAsync(string path, string accessToken, CancellationToken cancel)
    {
        using var request = Request(HttpMethod.Get, path, null);
        request.Headers.Authorization = new("Bearer", accessToken);
        var answer = await SendAsync(request, cancel);
        return answer.Error is { } error ? error : answer.Value!;
    }

    private HttpRequestMessage Request(HttpMethod method, string path, HttpContent? body)
    {
        var request = new HttpRequestMessage(method, new Uri(sandbox, path)) { Content = body };
        request.Headers.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{facts.ClientId}:{facts.ClientSecret}")));
        return request;
    }

    private async Task<ProviderResult<JsonNode?>> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var sent = request.Method == HttpMethod.Post;
        try
        {
            using var answer = await _http.SendAsync(request, cancel);
            var text = await answer.Content.ReadAsStringAsync(cancel);
            if (!answer.IsSuccessStatusCode) return ErrorOf(answer.StatusCode, text, answer.Headers.RetryAfter?.Delta);
            return text.Length == 0 ? (JsonNode?)null : JsonNode.Parse(text);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return new ProviderError(sent ? ErrorClass.OutcomeUnknown : ErrorClass.Network, "connection_lost", "The connection broke.");
        }
    }

    private static ProviderError ErrorOf(HttpStatusCode status, string text, TimeSpan? retryAfter) => status switch
    {
        HttpStatusCode.TooManyRequests => new(ErrorClass.RateLimited, "rate_limited", "Too many calls.") { RetryAfter = retryAfter },
        HttpStatusCode.Unauthorized => new(ErrorClass.Authentication, "unauthorized", "The token is refused."),
        >= HttpStatusCode.InternalServerError => new(ErrorClass.ProviderUnavailable, "unavailable", "The provider is away."),
        _ when text.Contains("invalid_grant", StringComparison.Ordinal) => new(ErrorClass.Authentication, "invalid_grant", "The grant is gone."),
        _ => new(ErrorClass.Validation, "refused", "The provider refuses the request.") { HttpStatus = (int)status },
    };
}
