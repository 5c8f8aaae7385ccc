using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FinanceIntegrations.Testing;

/// <summary>A user of the api with a token of its own. Paths begin behind <c>/api/integrations</c>.</summary>
/// <param name="api">The api's address.</param>
/// <param name="token">Null: nobody.</param>
public sealed partial class ApiUser(string api, string? token) : IDisposable
{
    public const string Base = "/api/integrations";

    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Loopback only; redirects are answers to look at.</summary>
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false })
    {
        Timeout = TimeSpan.FromSeconds(100),
    };

    public void Dispose() => _http.Dispose();

    /// <param name="body">An object is sent as JSON, a text as it is, with JSON's content type.</param>
    public async Task<ApiAnswer> SendAsync(
        HttpMethod method, string path, object? body = null, CancellationToken cancel = default, params (string Name, string Value)[] headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        using var request = new HttpRequestMessage(method, new Uri(api + Base + path));
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null)
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body, Json), Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await _http.SendAsync(request, cancel);
        return await ApiAnswer.ReadAsync(answer, cancel);
    }

    public Task<ApiAnswer> GetAsync(string path, CancellationToken cancel = default) => SendAsync(HttpMethod.Get, path, cancel: cancel);

    public Task<ApiAnswer> PostAsync(string path, object? body = null, CancellationToken cancel = default) =>
        SendAsync(HttpMethod.Post, path, body, cancel);

    /// <summary>Every item of a list, page by page.</summary>
    public async Task<List<JsonNode>> ListAsync(string path, int limit = 500, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        List<JsonNode> all = [];
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        for (var cursor = ""; cursor is not null;)
        {
            var page = (await GetAsync($"{path}{separator}limit={limit}{cursor}", cancel)).MustBeOk(path).Json!;
            all.AddRange(page["items"]!.AsArray().OfType<JsonNode>());
            cursor = (string?)page["next_cursor"] is { } next ? $"&cursor={next}" : null;
        }
        return all;
    }
}
