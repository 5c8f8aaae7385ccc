using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Web;

namespace FinanceIntegrations.Providers.Tests;

/// <summary>A request as it was sent.</summary>
internal sealed record SentRequest(HttpMethod Method, Uri Address, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Path => Address.AbsolutePath;

    /// <summary>Of the body; null: there is none.</summary>
    public string? MediaType { get; init; }

    /// <summary>Decoded, in order.</summary>
    public IReadOnlyList<(string Name, string Value)> Query { get; } = Pairs(Address.Query.TrimStart('?'));

    public IReadOnlyList<(string Name, string Value)> Form => Pairs(Body);

    public string? this[string name] => Query.Where(p => p.Name == name).Select(p => p.Value).SingleOrDefault();

    public static async Task<SentRequest> OfAsync(HttpRequestMessage request, CancellationToken cancel) => new(
        request.Method, request.RequestUri!, request.Headers.ToDictionary(h => h.Key, h => string.Join(',', h.Value)),
        request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancel))
    {
        MediaType = request.Content?.Headers.ContentType?.MediaType,
    };

    /// <summary>The parts of a form with files: name, file name and media type of each, and its text.</summary>
    public IReadOnlyList<FormPart> Parts => [.. Body.Split("\r\n")[0] is var boundary and { Length: > 0 }
        ? Body.Split(boundary)[1..^1].Select(FormPart.Of)
        : []];

    private static List<(string, string)> Pairs(string encoded) => [.. encoded
        .Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(p => p.Split('=', 2))
        .Select(p => (HttpUtility.UrlDecode(p[0]), p.Length > 1 ? HttpUtility.UrlDecode(p[1]) : ""))];
}

internal sealed record FormPart(string Name, string? FileName, string? MediaType, string Text)
{
    public static FormPart Of(string part)
    {
        var (head, text) = part.Split("\r\n\r\n", 2) is [var h, var t] ? (h, t) : (part, "");
        return new(Given("; name=") ?? "", Given("; filename="), Given("Content-Type: "), text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text);

        string? Given(string before) => head.Split(before) is [_, var rest, ..] ? rest.Split(';', '\r')[0].Trim('"') : null;
    }
}

/// <summary>Stands where the network would: answers by script, and keeps what it was asked.</summary>
internal sealed class ScriptedProvider : HttpMessageHandler
{
    private readonly ConcurrentQueue<SentRequest> _sent = new();

    public Func<SentRequest, CancellationToken, Task<HttpResponseMessage>> Answer { get; set; } = (_, _) => Task.FromResult(Json("{}"));

    public IReadOnlyList<SentRequest> Sent => [.. _sent];

    public SentRequest Last => _sent.Last();

    public void AnswerWith(params Func<HttpResponseMessage>[] answers)
    {
        var next = 0;
        Answer = (_, _) => Task.FromResult(answers[Math.Min(next++, answers.Length - 1)]());
    }

    public static HttpResponseMessage Json(string body, HttpStatusCode status = HttpStatusCode.OK, DateTimeOffset? date = null)
    {
        var response = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        response.Headers.TryAddWithoutValidation("Request-Id", "req_123");
        response.Headers.Date = date;
        return response;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var sent = await SentRequest.OfAsync(request, cancellationToken);
        _sent.Enqueue(sent);
        return await Answer(sent, cancellationToken);
    }
}
