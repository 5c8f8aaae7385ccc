using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace FinanceIntegrations.Providers.Tests;

/// <summary>A provider's own description of its API, and what of ours does not fit it.</summary>
internal sealed class Published(string file)
{
    private readonly JsonNode _root = JsonNode.Parse(Specifications.Read(file))!;

    public JsonNode Operation(string method, string path) =>
        _root["paths"]![path]?[method] ?? throw new InvalidOperationException($"{file} has no {method} {path}");

    /// <summary>The JSON that an operation answers.</summary>
    public void AnswerFits(string method, string path, int status, JsonNode? answer)
    {
        var responses = Operation(method, path)["responses"]!;
        Fits(answer, (responses[$"{status}"] ?? responses["default"])!["content"]!["application/json"]!["schema"]!, $"{method} {path} → {status}");
    }

    public void Fits(JsonNode? value, string schema) => Fits(value, _root["components"]!["schemas"]![schema]!, schema);

    /// <summary>No more than the description has, and all that it requires.</summary>
    public void Fits(JsonNode? value, JsonNode schema, string name)
    {
        var problems = new List<string>();
        Check(value, schema, name, problems);
        Assert.True(problems.Count == 0, string.Join('\n', problems.Distinct()));
    }

    private void Check(JsonNode? value, JsonNode schema, string path, List<string> problems)
    {
        if ((string?)schema["$ref"] is { } reference) schema = reference.Split('/').Skip(1).Aggregate(_root, (found, part) => found[part]!);
        if (value is null)
        {
            if ((bool?)schema["nullable"] != true) problems.Add($"{path} is null");
            return;
        }
        if ((string?)schema["type"] is { } type && !Is(value, type)) problems.Add($"{path} is no {type}");
        else if (schema["enum"] is JsonArray allowed && !allowed.Any(one => JsonNode.DeepEquals(one, value))) problems.Add($"{path} is {value}");
        else if (value is JsonObject fields) CheckFields(fields, schema, path, problems);
        else if (value is JsonArray items && schema["items"] is { } of)
            foreach (var item in items) Check(item, of, path + "[]", problems);
        else if (value is JsonValue text && text.TryGetValue<string>(out var said)) CheckText(said, schema, path, problems);
    }

    private void CheckFields(JsonObject fields, JsonNode schema, string path, List<string> problems)
    {
        foreach (var name in schema["required"]?.AsArray() ?? [])
            if (!fields.ContainsKey((string)name!)) problems.Add($"{path}.{name} is missing");
        if (schema["properties"] is not JsonObject properties) return;
        foreach (var (name, value) in fields)
            if (properties[name] is { } property) Check(value, property, $"{path}.{name}", problems);
            else problems.Add($"{path}.{name} is not in the description");
    }

    private static void CheckText(string text, JsonNode schema, string path, List<string> problems)
    {
        if (text.Length < ((int?)schema["minLength"] ?? 0) || text.Length > ((int?)schema["maxLength"] ?? int.MaxValue)) problems.Add($"{path} has {text.Length} characters");
        if ((string?)schema["pattern"] is { } pattern && !Regex.IsMatch(text, pattern)) problems.Add($"{path} is '{text}', not {pattern}");
    }

    private static bool Is(JsonNode value, string type) => type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value is JsonValue text && text.TryGetValue<string>(out _),
        "boolean" => value is JsonValue flag && flag.TryGetValue<bool>(out _),
        "integer" => value is JsonValue whole && whole.TryGetValue<long>(out _),
        _ => true,
    };
}
