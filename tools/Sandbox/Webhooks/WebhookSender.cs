using System.Net.Http.Headers;

namespace FinanceIntegrations.Sandbox.Webhooks;

/// <summary>A body, and the headers that are made afresh for each attempt (a signature carries its time).</summary>
internal sealed record WebhookMessage(byte[] Body, Func<IEnumerable<(string Name, string Value)>> Headers, string UserAgent);

/// <summary>Posts webhooks, to loopback addresses only.</summary>
internal sealed class WebhookSender(IHttpClientFactory clients)
{
    public const string ClientName = "webhooks";

    public static bool IsAllowed(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.IsLoopback && (uri.Scheme is "http" or "https");

    /// <returns>The status answered; 0 when there was no answer.</returns>
    public async Task<int> SendAsync(string url, WebhookMessage message, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url);
        request.Content = new ByteArrayContent(message.Body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        request.Headers.TryAddWithoutValidation("User-Agent", message.UserAgent);
        foreach (var (name, value) in message.Headers()) request.Headers.TryAddWithoutValidation(name, value);
        try
        {
            using var answer = await clients.CreateClient(ClientName).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            return (int)answer.StatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            return 0;
        }
    }
}
