using System.Text.Json;
using System.Text.RegularExpressions;
using FinanceIntegrations.Providers.PayPal;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.PayPal;

/// <summary>Every read we send is one that PayPal's OpenAPI descriptions know, to the parameter and its pattern.</summary>
public sealed class PayPalWireTests
{
    [Fact]
    public async Task Every_request_fits_the_description()
    {
        using var reporting = Specifications.ReadJson("paypal/reporting_transactions_v1.json");
        using var payouts = Specifications.ReadJson("paypal/payments_payouts_batch_v1.json");
        using var disputes = Specifications.ReadJson("paypal/customer_disputes_v1.json");
        var sent = await SendEverything();
        Assert.Equal(
            ["/v1/customer/disputes", "/v1/customer/disputes/PP-D-1", "/v1/payments/payouts/B1", "/v1/reporting/balances", "/v1/reporting/transactions"],
            sent.Select(r => r.Path).Distinct().Order(StringComparer.Ordinal));
        foreach (var request in sent)
        {
            var description = request.Path.StartsWith("/v1/reporting", StringComparison.Ordinal) ? reporting.RootElement
                : request.Path.StartsWith("/v1/payments", StringComparison.Ordinal) ? payouts.RootElement
                : disputes.RootElement;
            var path = request.Path.Replace("/PP-D-1", "/{id}", StringComparison.Ordinal).Replace("/B1", "/{id}", StringComparison.Ordinal);
            var get = description.GetProperty("paths").GetProperty(path).GetProperty("get");
            var parameters = get.GetProperty("parameters").EnumerateArray().Select(p => Resolve(description, p)).ToList();
            foreach (var (name, value) in request.Query) Fits(parameters, name, value, path);
            var needed = parameters.Where(p => p.GetProperty("in").GetString() == "query" && p.TryGetProperty("required", out var required) && required.GetBoolean());
            Assert.All(needed, p => Assert.NotNull(request[p.GetProperty("name").GetString()!]));
        }
    }

    [Fact]
    public async Task Every_request_goes_to_the_live_host_with_token_and_assertion_and_nothing_else() => Assert.All(await SendEverything(), r =>
    {
        Assert.Equal((HttpMethod.Get, "api-m.paypal.com", "Bearer A21AA1"), (r.Method, r.Address.Host, r.Headers["Authorization"]));
        Assert.Equal(["Accept", "Authorization", "PayPal-Auth-Assertion"], r.Headers.Keys.Order(StringComparer.Ordinal));
    });

    private static async Task<IReadOnlyList<SentRequest>> SendEverything()
    {
        using var bench = new PayPalBench();
        bench.Provider.Answer = (sent, _) => Task.FromResult(ScriptedProvider.Json(sent.Path switch
        {
            "/v1/reporting/balances" => """{"balances":[],"account_id":"x"}""",
            "/v1/reporting/transactions" => PayPalBench.Page("2026-11-01T09:00:00+0000", 1, 2, PayPalBench.Row("A")),
            "/v1/payments/payouts/B1" => PayPalBench.Batch("B1", "PENDING"),
            "/v1/customer/disputes" =>
                $$"""{"items":[{{PayPalBench.Dispute("PP-D-1")}}],"links":[{"href":"https://x?next_page_token=Ab%2F%3D{{bench.Provider.Sent.Count}}","rel":"next"}]}""",
            _ => PayPalBench.Dispute("PP-D-1"),
        }));
        foreach (var stream in PayPalStreams.All)
        {
            string? cursor = null;
            for (var page = 0; page < 3; page++) cursor = (await bench.FetchAsync(stream.Id, cursor)).Value.Cursor;
        }
        await bench.FollowAsync("B1");
        await bench.Connector.TestAsync(bench.Access, PayPalBench.Cancel);
        return bench.Provider.Sent;
    }

    private static void Fits(List<JsonElement> parameters, string name, string value, string path)
    {
        var parameter = parameters.SingleOrDefault(p => p.GetProperty("name").GetString() == name && p.GetProperty("in").GetString() == "query");
        Assert.True(parameter.ValueKind == JsonValueKind.Object, $"{path} has no parameter {name}");
        var schema = parameter.GetProperty("schema");
        if (schema.GetProperty("type").GetString() == "boolean")
        {
            Assert.Contains(value, (string[])["true", "false"]);
            return;
        }
        if (schema.GetProperty("type").GetString() == "integer")
        {
            var number = int.Parse(value, System.Globalization.CultureInfo.InvariantCulture);
            Assert.InRange(number, schema.GetProperty("minimum").GetInt32(), schema.GetProperty("maximum").GetInt32());
            return;
        }
        if (schema.TryGetProperty("pattern", out var pattern)) Assert.Matches(new Regex(pattern.GetString()!), value);
    }

    private static JsonElement Resolve(JsonElement description, JsonElement parameter)
    {
        if (!parameter.TryGetProperty("$ref", out var reference)) return parameter;
        var found = description;
        foreach (var part in reference.GetString()!.Split('/').Skip(1)) found = found.GetProperty(part);
        return found;
    }
}
