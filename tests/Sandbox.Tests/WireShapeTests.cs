using System.Text.Json.Nodes;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests;

/// <summary>Answers against Stripe's published description (2023-08-16), when it lies beside the repository.</summary>
public sealed class WireShapeTests(ConnectedSandbox connected) : IClassFixture<ConnectedSandbox>
{
    private static readonly Lazy<JsonNode?> Description = new(Load);

    [Theory]
    [InlineData("/v1/account")]
    [InlineData("/v1/balance")]
    [InlineData("/v1/balance_transactions")]
    [InlineData("/v1/charges")]
    [InlineData("/v1/disputes")]
    [InlineData("/v1/events")]
    [InlineData("/v1/payment_intents")]
    [InlineData("/v1/payouts")]
    [InlineData("/v1/refunds")]
    public async Task Every_answer_has_the_published_shape(string path)
    {
        Assert.SkipWhen(Description.Value is null, "specs/stripe/openapi-2023-08-16.finance.json was not found beside the repository.");
        var schema = Description.Value!["paths"]![path]!["get"]!["responses"]!["200"]!["content"]!["application/json"]!["schema"]!;
        var problems = new List<string>();
        if (path is "/v1/account" or "/v1/balance")
        {
            Check(await connected.Sandbox.GetAsync(path), schema, path, problems);
        }
        else
        {
            var rows = await connected.Sandbox.ListAsync(path);
            Check(await connected.Sandbox.GetAsync(path), schema, path, problems);
            foreach (var row in rows) Check(row, schema["properties"]!["data"]!["items"]!, path, problems);
        }
        Assert.Empty(problems.Distinct());
    }

    [Fact]
    public async Task What_a_change_answers_has_the_published_shape()
    {
        Assert.SkipWhen(Description.Value is null, "specs/stripe/openapi-2023-08-16.finance.json was not found beside the repository.");
        await using var sandbox = await WriteTests.StartAsync();
        var payout = await sandbox.WriteAsync("/v1/payouts", null, ("amount", "100"), ("currency", "gbp"), ("metadata[a]", "b"));
        var canceled = await sandbox.WriteAsync($"/v1/payouts/{payout.Body["id"]}/cancel");
        var answered = await sandbox.WriteAsync($"/v1/disputes/{await WriteTests.DisputeAsync(sandbox)}", null, ("evidence[customer_name]", "Ann"), ("metadata[a]", "b"));
        var closed = await sandbox.WriteAsync($"/v1/disputes/{await WriteTests.DisputeAsync(sandbox)}/close");
        var problems = new List<string>();
        foreach (var (path, answer) in new[]
        {
            ("/v1/payouts", payout), ("/v1/payouts/{payout}/cancel", canceled), ("/v1/disputes/{dispute}", answered), ("/v1/disputes/{dispute}/close", closed),
        })
        {
            Assert.Equal(200, answer.Status);
            Check(answer.Body, Description.Value!["paths"]![path]!["post"]!["responses"]!["200"]!["content"]!["application/json"]!["schema"]!, path, problems);
        }
        var happened = (await sandbox.ListAsync("/v1/events?type=charge.dispute.closed"))[0];
        Check(happened, Description.Value!["components"]!["schemas"]!["event"]!, "event", problems);
        Check((await sandbox.WriteAsync($"/v1/payouts/{payout.Body["id"]}/cancel")).Body, Description.Value!["components"]!["schemas"]!["error"]!, "error", problems);
        Assert.Empty(problems);
    }

    [Fact]
    public async Task A_file_has_the_published_shape()
    {
        Assert.SkipWhen(Whole is null, "specs/stripe/openapi-2023-08-16.json.gz was not found beside the repository.");
        await using var sandbox = await WriteTests.StartAsync();
        var file = await sandbox.UploadAsync([.. "%PDF-1.7"u8]);
        using var gzip = new System.IO.Compression.GZipStream(File.OpenRead(Whole), System.IO.Compression.CompressionMode.Decompress);
        var published = (await JsonNode.ParseAsync(gzip, cancellationToken: TestContext.Current.CancellationToken))!;
        var problems = new List<string>();
        CheckFields(file.Body.AsObject(), published["components"]!["schemas"]!["file"]!, "file", problems);
        Assert.Empty(problems);
        var purposes = published["paths"]!["/v1/files"]!["post"]!["requestBody"]!["content"]!["multipart/form-data"]!["schema"]!["properties"]!["purpose"]!["enum"]!;
        Assert.Equal(purposes.AsArray().Select(word => (string)word!), Stripe.Ledger.UploadedFile.Purposes);
    }

    [Fact]
    public async Task An_error_has_the_published_shape()
    {
        Assert.SkipWhen(Description.Value is null, "specs/stripe/openapi-2023-08-16.finance.json was not found beside the repository.");
        var problems = new List<string>();
        var error = await connected.Sandbox.GetAsync("/v1/charges/ch_x", System.Net.HttpStatusCode.NotFound);
        Check(error, Description.Value!["components"]!["schemas"]!["error"]!, "error", problems);
        Assert.Empty(problems);
    }

    private static void Check(JsonNode? value, JsonNode schema, string path, List<string> problems)
    {
        if ((string?)schema["$ref"] is { } reference) schema = Description.Value!["components"]!["schemas"]![reference.Split('/')[^1]]!;
        if (value is null)
        {
            if ((bool?)schema["nullable"] != true) problems.Add($"{path} is null");
            return;
        }
        if (schema["anyOf"] is JsonArray options)
        {
            var trials = options.Select(option =>
            {
                var found = new List<string>();
                Check(value, option!, path, found);
                return found;
            }).ToList();
            if (!trials.Exists(found => found.Count == 0)) problems.AddRange(trials[0]);
            return;
        }
        if ((string?)schema["type"] is { } type && !Is(value, type)) problems.Add($"{path} is no {type}");
        if (schema["enum"] is JsonArray allowed && !allowed.Any(one => JsonNode.DeepEquals(one, value))) problems.Add($"{path} is {value}");
        if (schema["items"] is { } items && value is JsonArray array)
            foreach (var item in array) Check(item, items, path + "[]", problems);
        if (value is JsonObject fields) CheckFields(fields, schema, path, problems);
    }

    private static void CheckFields(JsonObject fields, JsonNode schema, string path, List<string> problems)
    {
        foreach (var name in schema["required"]?.AsArray() ?? [])
            if (!fields.ContainsKey((string)name!)) problems.Add($"{path}.{name} is missing");
        if (schema["properties"] is not JsonObject properties) return;
        foreach (var (name, value) in fields)
            if (properties[name] is { } property) Check(value, property, $"{path}.{name}", problems);
    }

    private static bool Is(JsonNode value, string type) => type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value is JsonValue text && text.TryGetValue<string>(out _),
        "boolean" => value is JsonValue flag && flag.TryGetValue<bool>(out _),
        "integer" => value is JsonValue whole && whole.TryGetValue<long>(out _),
        "number" => value is JsonValue number && number.TryGetValue<double>(out _),
        _ => true,
    };

    private static string? Whole => Find("openapi-2023-08-16.json.gz");

    private static JsonNode? Load() => Find("openapi-2023-08-16.finance.json") is { } file ? JsonNode.Parse(File.ReadAllText(file)) : null;

    private static string? Find(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, "shared", "specs", "stripe", name);
            if (File.Exists(file)) return file;
        }
        return null;
    }
}
