using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FinanceIntegrations.Testing;

/// <summary>What the api answered, whatever the status.</summary>
public sealed record ApiAnswer(HttpStatusCode Status, string Text, HttpResponseHeaders Headers, string? ContentType)
{
    /// <summary>Null: the body is not JSON.</summary>
    public JsonNode? Json { get; } = Parse(Text);

    public bool Ok => (int)Status is >= 200 and < 300;

    /// <summary>A problem document's stable code; null where the answer is none.</summary>
    public string? Code => ContentType == "application/problem+json" ? (string?)Json?["code"] : null;

    /// <summary>A field that must be there, as text.</summary>
    public string this[string field] => Json?[field]?.ToString() ?? throw new InvalidOperationException($"no {field} in {this}");

    public static async Task<ApiAnswer> ReadAsync(HttpResponseMessage message, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(message);
        var text = await message.Content.ReadAsStringAsync(cancel);
        return new(message.StatusCode, text, message.Headers, message.Content.Headers.ContentType?.MediaType);
    }

    /// <exception cref="InvalidOperationException">The answer is not a success; the message carries it.</exception>
    public ApiAnswer MustBeOk(string what) => Ok ? this : throw new InvalidOperationException($"{what}: {this}");

    public override string ToString() => $"{(int)Status} {Text}";

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
