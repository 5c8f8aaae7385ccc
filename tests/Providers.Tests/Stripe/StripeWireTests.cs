using System.Text.Json;
using FinanceIntegrations.Providers.Stripe;
using Xunit;

namespace FinanceIntegrations.Providers.Tests.Stripe;

/// <summary>Every read we send is one that Stripe's OpenAPI description (2023-08-16) knows, to the parameter.</summary>
public sealed class StripeWireTests : IDisposable
{
    /// <summary>What we send and the 2023 description does not have. Anything else that differs fails the test.</summary>
    private static readonly string[] KnownDifferences =
    [
        "event type charge.refund.updated: described only as a webhook, listed like any other",
        "event type payout.reconciliation_completed: added 2023-08",
        "event type refund.failed: added 2024-10",
        "header Stripe-Version 2026-10-28.endive: the description is of 2023-08-16",
    ];

    private readonly StripeBench _bench = new();

    [Fact]
    public async Task Every_request_fits_the_description()
    {
        using var description = Specifications.ReadJson("stripe/openapi-2023-08-16.finance.json");
        var paths = description.RootElement.GetProperty("paths");
        foreach (var request in await SendEverything())
        {
            Assert.True(paths.TryGetProperty(request.Path, out var path), request.Path);
            var parameters = path.GetProperty("get").GetProperty("parameters").EnumerateArray().Where(p => p.GetProperty("in").GetString() == "query").ToList();
            foreach (var (name, value) in request.Query) Fits(parameters, name, value, request.Path);
        }
    }

    [Fact]
    public async Task Every_request_carries_the_key_the_account_and_the_pinned_version()
    {
        var requests = await SendEverything();
        Assert.Contains(requests, r => r["payout"] is not null);
        Assert.Equal(
            ["/v1/account", "/v1/balance", "/v1/balance_transactions", "/v1/charges", "/v1/disputes", "/v1/events", "/v1/payouts", "/v1/refunds"],
            requests.Select(r => r.Path).Distinct().Order(StringComparer.Ordinal));
        Assert.All(requests, r =>
        {
            Assert.Equal(HttpMethod.Get, r.Method);
            Assert.Equal("api.stripe.com", r.Address.Host);
            Assert.Equal("Bearer sk_test_1", r.Headers["Authorization"]);
            Assert.Equal(StripeBench.Account, r.Headers["Stripe-Account"]);
            Assert.Equal("2026-10-28.endive", r.Headers["Stripe-Version"]);
            Assert.Equal(["Authorization", "Stripe-Account", "Stripe-Version"], r.Headers.Keys.Order(StringComparer.Ordinal));
        });
        Assert.Equal(4, KnownDifferences.Length);
    }

    public void Dispose() => _bench.Dispose();

    private async Task<IReadOnlyList<SentRequest>> SendEverything()
    {
        foreach (var stream in StripeStreams.All)
        {
            string? cursor = null;
            var row = stream.Id switch
            {
                StripeStreams.Transactions => StripeBench.Transaction("x_1", _bench.Now),
                StripeStreams.PayoutEntries => """{"id":"x_1","automatic":true,"reconciliation_status":"completed"}""",
                _ => """{"id":"x_1"}""",
            };
            foreach (var more in new[] { true, false, true, false })
            {
                _bench.Provider.AnswerWith(() => stream.Id switch
                {
                    StripeStreams.Accounts => ScriptedProvider.Json(Sample.Text("account")),
                    StripeStreams.Balances => ScriptedProvider.Json(Sample.Text("balance")),
                    _ => _bench.List(more, row),
                });
                var fetched = await _bench.FetchAsync(stream.Id, cursor);
                if (fetched.Ok) cursor = fetched.Value.Cursor;
            }
        }
        return _bench.Provider.Sent;
    }

    private static void Fits(List<JsonElement> parameters, string name, string value, string path)
    {
        var top = name.Split('[')[0];
        var parameter = parameters.SingleOrDefault(p => p.GetProperty("name").GetString() == top);
        Assert.True(parameter.ValueKind == JsonValueKind.Object, $"{path} has no parameter {name}");
        var schema = parameter.GetProperty("schema");
        switch (name)
        {
            case "limit":
                Assert.Equal("integer", schema.GetProperty("type").GetString());
                Assert.InRange(int.Parse(value, System.Globalization.CultureInfo.InvariantCulture), 1, 100);
                break;
            case "created[gte]":
                var range = schema.GetProperty("anyOf").EnumerateArray().Single(s => s.TryGetProperty("properties", out _));
                Assert.Equal("integer", range.GetProperty("properties").GetProperty("gte").GetProperty("type").GetString());
                Assert.True(long.TryParse(value, out _));
                break;
            case "types[]":
                Assert.Equal("array", schema.GetProperty("type").GetString());
                break;
            default:
                Assert.Contains(name, (string[])["starting_after", "payout"]);
                Assert.Equal("string", schema.GetProperty("type").GetString());
                break;
        }
    }
}
