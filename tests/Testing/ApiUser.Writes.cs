using System.Net.Http.Headers;

namespace FinanceIntegrations.Testing;

/// <summary>What a user with the role <c>writer</c> changes at a provider.</summary>
public sealed partial class ApiUser
{
    /// <summary>Orders it, with an Idempotency-Key, and waits up to a minute for its end.</summary>
    /// <param name="path">Behind the integration: <c>payouts</c>, <c>disputes/dp_1/accept</c>.</param>
    /// <param name="key">Null: one that nobody has used.</param>
    public Task<ApiAnswer> OrderAsync(string id, string path, object? body = null, string? key = null, CancellationToken cancel = default) =>
        SendAsync(HttpMethod.Post, $"/{id}/{path}", body ?? new { }, cancel, ("Idempotency-Key", key ?? Guid.CreateVersion7().ToString()), ("Prefer", "wait=60"));

    /// <summary>The body is the file.</summary>
    public async Task<ApiAnswer> UploadAsync(string path, byte[] content, string mediaType, CancellationToken cancel = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(api + Base + path)) { Content = new ByteArrayContent(content) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Content.Headers.ContentType = new(mediaType);
        request.Headers.ExpectContinue = true;   // what is too large is refused before it is sent
        using var answer = await _http.SendAsync(request, cancel);
        return await ApiAnswer.ReadAsync(answer, cancel);
    }

    public async Task<(byte[] Content, HttpContentHeaders Headers)> DownloadAsync(string path, CancellationToken cancel = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(api + Base + path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await _http.SendAsync(request, cancel);
        return (await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancel), answer.Content.Headers);
    }
}
