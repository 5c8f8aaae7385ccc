using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers.Transport;
using FinanceIntegrations.Providers.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Providers.Square;

/// <summary>With whose token a call is made, and for whom it counts.</summary>
internal readonly record struct SquareCaller(Caller Caller, string Token)
{
    public override string ToString() => $"{Caller.Account} ***";
}

/// <summary>What a list is asked for. Times are unix seconds; what is null is not asked.</summary>
internal readonly record struct SquareRange
{
    /// <summary>Null: all that the endpoint takes for all, which for payments and payouts is the main location alone (square.md §3).</summary>
    public string? Location { get; init; }

    /// <summary>Lowest <c>created_at</c>. Without it Square's lists go back one year.</summary>
    public long? From { get; init; }

    /// <summary>Highest <c>created_at</c>.</summary>
    public long? Until { get; init; }

    /// <summary>Lowest <c>updated_at</c>; then the oldest change comes first. Else the newest row comes first.</summary>
    public long? Since { get; init; }

    /// <summary>As the page before gave it; good for five minutes, and only with the same other parameters.</summary>
    public string? Cursor { get; init; }
}

/// <summary>Square's HTTP API: the only file with paths and headers (square.md §1–§3).</summary>
internal sealed class SquareApi : IDisposable
{
    /// <summary>Name of the HTTP client and of its telemetry.</summary>
    public const string Client = "square";

    /// <summary>Pinned: without the header, the application's own default would apply. The version that Square's description at hand has.</summary>
    public const string Version = "2025-08-20";

    /// <summary>The most that a list gives.</summary>
    public const int PageSize = 100;

    /// <summary>Calls of the application itself name no seller. Behind each a connection waits.</summary>
    private static readonly Caller Application = new("application", Lane.Person, "oauth");

    private readonly SquareOptions _options;
    private readonly ProviderTransport _transport;
    private readonly string _base;

    public SquareApi(IHttpClientFactory clients, IOptions<SquareOptions> options, ILoggerFactory loggers, ICallBudgets? budgets = null)
    {
        _options = options.Value;
        _transport = new(Client, () => clients.CreateClient(Client), _options.Limits, SquareErrors.Retries, SquareErrors.Signs, budgets, loggers);
        _base = _options.ApiBase.OriginalString.TrimEnd('/');
    }

    public Task<ProviderResult<ProviderAnswer>> ListLocationsAsync(SquareCaller caller, CancellationToken cancel) =>
        GetAsync("/v2/locations", caller, cancel);

    public Task<ProviderResult<ProviderAnswer>> ListPaymentsAsync(SquareRange range, SquareCaller caller, CancellationToken cancel, int limit = PageSize) =>
        GetAsync("/v2/payments" + Query(range, limit), caller, cancel);

    public Task<ProviderResult<ProviderAnswer>> ListRefundsAsync(SquareRange range, SquareCaller caller, CancellationToken cancel) =>
        GetAsync("/v2/refunds" + Query(range, PageSize), caller, cancel);

    public Task<ProviderResult<ProviderAnswer>> ListPayoutsAsync(SquareRange range, SquareCaller caller, CancellationToken cancel, int limit = PageSize) =>
        GetAsync("/v2/payouts" + Query(range, limit), caller, cancel);

    public Task<ProviderResult<ProviderAnswer>> ListEntriesAsync(string payout, string? cursor, SquareCaller caller, CancellationToken cancel) =>
        GetAsync($"/v2/payouts/{Uri.EscapeDataString(payout)}/payout-entries{Query(new() { Cursor = cursor }, PageSize)}", caller, cancel);

    /// <param name="state">Null: disputes of every state.</param>
    /// <param name="cursor">Of the page before.</param>
    /// <param name="caller">Whose.</param>
    /// <param name="cancel">Stops the call.</param>
    public Task<ProviderResult<ProviderAnswer>> ListDisputesAsync(string? state, string? cursor, SquareCaller caller, CancellationToken cancel)
    {
        var query = new StringBuilder();
        Add(query, "states", state);
        Add(query, "cursor", cursor);
        return GetAsync("/v2/disputes" + query, caller, cancel);
    }

    public Task<ProviderResult<ProviderAnswer>> GetDisputeAsync(string dispute, SquareCaller caller, CancellationToken cancel) =>
        GetAsync(PathOf(dispute), caller, cancel);

    public Task<ProviderResult<ProviderAnswer>> ListEvidenceAsync(string dispute, string? cursor, SquareCaller caller, CancellationToken cancel)
    {
        var query = new StringBuilder();
        Add(query, "cursor", cursor);
        return GetAsync($"{PathOf(dispute)}/evidence{query}", caller, cancel);
    }

    /// <summary>Uploaded, not submitted.</summary>
    public Task<ProviderResult<ProviderAnswer>> CreateEvidenceTextAsync(string dispute, SquareEvidenceText text, SquareCaller caller, CancellationToken cancel)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(text, SquareJson.Default.SquareEvidenceText);
        return WriteAsync($"{PathOf(dispute)}/evidence-text", () => Json(body), caller, answer => SquareErrors.From(answer, write: true), cancel);
    }

    /// <summary>Uploaded, not submitted.</summary>
    public Task<ProviderResult<ProviderAnswer>> CreateEvidenceFileAsync(
        string dispute, SquareEvidenceFile file, OrderedFile ordered, SquareCaller caller, CancellationToken cancel)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(file, SquareJson.Default.SquareEvidenceFile);
        return WriteAsync($"{PathOf(dispute)}/evidence-files", () => new MultipartFormDataContent
        {
            { Json(body), "request" },
            { new ReadOnlyMemoryContent(ordered.Bytes) { Headers = { ContentType = new(file.ContentType) } }, "image_file", SquareOrders.NameOf(ordered.File) },
        }, caller, answer => SquareErrors.From(answer, write: true), cancel);
    }

    /// <summary>All that was uploaded goes to the bank, and nothing can be added.</summary>
    public Task<ProviderResult<ProviderAnswer>> SubmitEvidenceAsync(string dispute, SquareCaller caller, CancellationToken cancel) =>
        WriteAsync($"{PathOf(dispute)}/submit-evidence", null, caller, SquareErrors.FromOrder, cancel);

    public Task<ProviderResult<ProviderAnswer>> AcceptDisputeAsync(string dispute, SquareCaller caller, CancellationToken cancel) =>
        WriteAsync($"{PathOf(dispute)}/accept", null, caller, SquareErrors.FromOrder, cancel);

    /// <summary>What the token may do. A POST that changes nothing.</summary>
    public Task<ProviderResult<ProviderAnswer>> TokenStatusAsync(SquareCaller caller, CancellationToken cancel) =>
        ReadAsync(HttpMethod.Post, "/oauth2/token/status", caller, cancel);

    /// <summary>The client's credentials go in the body (square.md §2), and the secret only where the client has the confidential form.</summary>
    public Task<ProviderResult<ProviderAnswer>> ExchangeCodeAsync(string code, Uri redirect, string? verifier, CancellationToken cancel) => TokenAsync(new()
    {
        ClientId = _options.ClientId,
        ClientSecret = _options.UsePkce ? null : _options.ClientSecret,
        GrantType = "authorization_code",
        Code = code,
        RedirectUri = redirect.AbsoluteUri,
        CodeVerifier = _options.UsePkce ? verifier : null,
    }, cancel);

    public Task<ProviderResult<ProviderAnswer>> RefreshTokenAsync(string refreshToken, CancellationToken cancel) => TokenAsync(new()
    {
        ClientId = _options.ClientId,
        ClientSecret = _options.UsePkce ? null : _options.ClientSecret,
        GrantType = "refresh_token",
        RefreshToken = refreshToken,
    }, cancel);

    /// <summary>Ends every token of the seller at this application.</summary>
    public async Task<ProviderResult<ProviderAnswer>> RevokeAsync(string merchant, CancellationToken cancel)
    {
        if (!_options.Configured) return SquareErrors.NotConfigured;
        if (_options.ClientSecret.Length == 0) return SquareErrors.NoSecret;
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new SquareRevokeRequest { ClientId = _options.ClientId, MerchantId = merchant }, SquareJson.Default.SquareRevokeRequest);
        var result = await _transport.WriteAsync(Application, () => Request(HttpMethod.Post, "/oauth2/revoke", new("Client", _options.ClientSecret), body), cancel);
        return result is { Ok: true, Value.Succeeded: false } ? SquareErrors.FromRevoke(result.Value) : result;
    }

    public void Dispose() => _transport.Dispose();

    private async Task<ProviderResult<ProviderAnswer>> TokenAsync(SquareTokenRequest request, CancellationToken cancel)
    {
        if (!_options.Configured) return SquareErrors.NotConfigured;
        var body = JsonSerializer.SerializeToUtf8Bytes(request, SquareJson.Default.SquareTokenRequest);
        var result = await _transport.WriteAsync(Application, () => Request(HttpMethod.Post, "/oauth2/token", null, body), cancel);
        return result is { Ok: true, Value.Succeeded: false } ? SquareErrors.FromToken(result.Value) : result;
    }

    private Task<ProviderResult<ProviderAnswer>> GetAsync(string pathAndQuery, SquareCaller caller, CancellationToken cancel) =>
        ReadAsync(HttpMethod.Get, pathAndQuery, caller, cancel);

    private async Task<ProviderResult<ProviderAnswer>> ReadAsync(HttpMethod method, string pathAndQuery, SquareCaller caller, CancellationToken cancel)
    {
        if (!_options.Configured) return SquareErrors.NotConfigured;
        var result = await _transport.ReadAsync(caller.Caller, () => Request(method, pathAndQuery, new("Bearer", caller.Token), null), cancel);
        return result is { Ok: true, Value.Succeeded: false } ? SquareErrors.From(result.Value, write: false) : result;
    }

    /// <summary>Sent once.</summary>
    private async Task<ProviderResult<ProviderAnswer>> WriteAsync(
        string path, Func<HttpContent>? content, SquareCaller caller, Func<ProviderAnswer, ProviderError> error, CancellationToken cancel)
    {
        if (!_options.Configured) return SquareErrors.NotConfigured;
        var result = await _transport.WriteAsync(caller.Caller, () =>
        {
            var request = Request(HttpMethod.Post, path, new("Bearer", caller.Token), null);
            request.Content = content?.Invoke();
            return request;
        }, cancel);
        return result is { Ok: true, Value.Succeeded: false } ? error(result.Value) : result;
    }

    private static string PathOf(string dispute) => $"/v2/disputes/{Uri.EscapeDataString(dispute)}";

    private static ByteArrayContent Json(byte[] body) => new(body) { Headers = { ContentType = new("application/json") } };

    private static string Query(SquareRange range, int limit)
    {
        var query = new StringBuilder();
        Add(query, "location_id", range.Location);
        Add(query, "begin_time", range.From is { } from ? SquareTime.Format(from) : null);
        Add(query, "end_time", range.Until is { } until ? SquareTime.Format(until) : null);
        if (range.Since is { } since)
        {
            Add(query, "updated_at_begin_time", SquareTime.Format(since));
            Add(query, "sort_field", "UPDATED_AT");
            Add(query, "sort_order", "ASC");
        }
        Add(query, "limit", limit.ToString(CultureInfo.InvariantCulture));
        Add(query, "cursor", range.Cursor);
        return query.ToString();
    }

    private static void Add(StringBuilder query, string name, string? value)
    {
        if (value is not null) query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
    }

    private HttpRequestMessage Request(HttpMethod method, string pathAndQuery, AuthenticationHeaderValue? authorization, byte[]? body)
    {
        var request = new HttpRequestMessage(method, _base + pathAndQuery) { Version = System.Net.HttpVersion.Version20 };
        request.Headers.Authorization = authorization;
        request.Headers.TryAddWithoutValidation("Square-Version", Version);
        if (body is not null) request.Content = Json(body);
        return request;
    }
}
