using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.Tracing;

public sealed class TraceTests(SharedCluster shared) : ProductTest(shared)
{
    private readonly SharedCluster _shared = shared;

    [Fact]
    public async Task One_trace_spans_api_grain_provider_and_database()
    {
        var account = await Sandbox.NewAccountAsync(50, Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        var traceId = Convert.ToHexStringLower(Guid.CreateVersion7().ToByteArray());
        var answer = await user.SendAsync(HttpMethod.Post, $"/{id}/sync?force=true", null, Cancel,
            ("traceparent", $"00-{traceId}-00000000000000a1-01"), ("Prefer", "wait=30"));
        await user.EndOfRunAsync(id, answer.MustBeOk("sync")["run_id"], Cancel);

        await Eventually.HoldsAsync("one trace has spans of ASP.NET Core and Orleans in the api, and of Orleans, the HTTP client and Npgsql in the silo",
            () => Task.FromResult(_shared.Telemetry.Spans.Where(span => span.TraceId == traceId).Distinct().ToList()),
            spans => Has(spans, "api", "Microsoft.AspNetCore") && Has(spans, "api", "Microsoft.Orleans") && Has(spans, "silo", "Microsoft.Orleans")
                && Has(spans, "silo", "FinanceIntegrations.Grains") && Has(spans, "silo", "System.Net.Http") && Has(spans, "silo", "Npgsql"),
            cancel: Cancel);
    }

    private static bool Has(List<CollectedSpan> spans, string service, string source) =>
        spans.Exists(span => span.Service == service && span.Source.Contains(source, StringComparison.Ordinal));
}
