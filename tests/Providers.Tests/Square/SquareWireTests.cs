using System.Text.Json;
using FinanceIntegrations.Providers.Square;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Square;

/// <summary>Every call that we make is one that Square's description of version 2025-08-20 knows, to the parameter and its values.</summary>
public sealed class SquareWireTests : IDisposable
{
    private readonly SquareBench _bench = new();

    [Fact]
    public async Task Every_request_fits_the_description()
    {
        using var description = Specifications.ReadJson("square/api.finance.json");
        var paths = description.RootElement.GetProperty("paths");
        var schemas = description.RootElement.GetProperty("components").GetProperty("schemas");
        foreach (var request in await SendEverything())
        {
            var template = request.Path.Contains("/payout-entries", StringComparison.Ordinal) ? "/v2/payouts/{payout_id}/payout-entries" : request.Path;
            Assert.True(paths.TryGetProperty(template, out var path), request.Path);
            var operation = path.GetProperty(request.Method.Method.ToLowerInvariant());
            foreach (var (name, value) in request.Query) Fits(operation, schemas, name, value, request.Path);
            if (request.Body.Length > 0) BodyFits(operation, schemas, request.Body);
        }
    }

    [Fact]
    public async Task Every_read_carries_the_sellers_token_and_the_pinned_version()
    {
        var requests = (await SendEverything()).Where(r => r.Path.StartsWith("/v2/", StringComparison.Ordinal)).ToList();
        Assert.Equal(["/v2/disputes", "/v2/locations", "/v2/payments", "/v2/payouts", "/v2/payouts/po_1/payout-entries", "/v2/refunds"],
            requests.Select(r => r.Path).Distinct().Order(StringComparer.Ordinal));
        Assert.All(requests, r =>
        {
            Assert.Equal((HttpMethod.Get, "connect.squareup.com", "Bearer EAAA1", "2025-08-20"),
                (r.Method, r.Address.Host, r.Headers["Authorization"], r.Headers["Square-Version"]));
            Assert.Equal(["Authorization", "Square-Version"], r.Headers.Keys.Order(StringComparer.Ordinal));
        });
    }

    [Fact]
    public void Every_scope_is_one_that_the_description_knows()
    {
        var text = System.Text.Encoding.UTF8.GetString(Specifications.Read("square/api.finance.json"));
        Assert.All(SquareAuth.Scopes, scope => Assert.Contains(scope, text, StringComparison.Ordinal));
    }

    public void Dispose() => _bench.Dispose();

    private async Task<IReadOnlyList<SentRequest>> SendEverything()
    {
        _bench.Answer(sent => sent.Path switch
        {
            "/v2/locations" => SquareBench.Locations("L1"),
            "/v2/payments" => SquareBench.List("payments", sent["cursor"] is null ? "c1" : null, SquareBench.Payment("p1")),
            "/v2/payouts" => SquareBench.List("payouts", null, SquareBench.Payout("po_1", updated: "2026-11-01T12:00:00Z")),
            "/v2/disputes" => SquareBench.List("disputes", sent["cursor"] is null ? "c1" : null, SquareBench.Dispute("d1", "PROCESSING")),
            "/oauth2/token" => SquareBench.Example("ObtainTokenResponse").GetRawText(),
            _ => "{}",
        });
        foreach (var stream in SquareStreams.All)
        {
            string? cursor = null;
            for (var page = 0; page < 10; page++) cursor = (await _bench.FetchAsync(stream.Id, cursor)).Value.Cursor;
            await _bench.FetchAsync(stream.Id, until: _bench.Clock.GetUtcNow());
        }
        await _bench.Connector.TestAsync(_bench.Access, SquareBench.Cancel);
        await _bench.Auth.ExchangeAsync(new("code", new("https://x/"), "verifier"), SquareBench.Cancel);
        await _bench.Auth.RefreshAsync("EQAA", SquareBench.Cancel);
        await _bench.Auth.RevokeAsync(_bench.Access, SquareBench.Cancel);
        return _bench.Provider.Sent;
    }

    private static void Fits(JsonElement operation, JsonElement schemas, string name, string value, string path)
    {
        var parameter = operation.GetProperty("parameters").EnumerateArray().SingleOrDefault(p => p.GetProperty("name").GetString() == name);
        Assert.True(parameter.ValueKind == JsonValueKind.Object, $"{path} has no parameter {name}");
        var schema = Resolve(parameter.GetProperty("schema"), schemas);
        if (schema.GetProperty("type").GetString() == "integer")
            Assert.InRange(int.Parse(value, System.Globalization.CultureInfo.InvariantCulture), 1, 100);
        else if (schema.TryGetProperty("enum", out var words))
            Assert.Contains(value, words.EnumerateArray().Select(w => w.GetString()));
        else if (name.EndsWith("_time", StringComparison.Ordinal))
            Assert.NotNull(SquareTime.Parse(value));
        else
            Assert.Equal("string", schema.GetProperty("type").GetString());
    }

    private static void BodyFits(JsonElement operation, JsonElement schemas, string body)
    {
        var schema = Resolve(operation.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema"), schemas);
        var sent = JsonDocument.Parse(body).RootElement;
        foreach (var field in sent.EnumerateObject())
            Assert.True(schema.GetProperty("properties").TryGetProperty(field.Name, out _), $"{field.Name} is not in the body");
        if (schema.TryGetProperty("required", out var required))
            Assert.All(required.EnumerateArray(), name => Assert.True(sent.TryGetProperty(name.GetString()!, out _), name.GetString()));
    }

    private static JsonElement Resolve(JsonElement schema, JsonElement schemas) =>
        schema.TryGetProperty("$ref", out var reference) ? schemas.GetProperty(reference.GetString()!.Split('/')[^1]) : schema;
}
