using System.Text.Json.Nodes;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.EndToEnd.MainJob;

public sealed class SweepTests(SharedCluster cluster) : ProductTest(cluster)
{
    [Fact]
    public async Task The_refresh_of_all_due_tokens_tells_each_integrations_result_as_a_line()
    {
        var account = await Sandbox.NewAccountAsync(20, Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        // Stripe's tokens never end: the row alone says that they are due, and the grain knows better.
        await Product.ExecuteAsync("update integrations set token_refresh_at = now() where id = $1", Cancel, Guid.Parse(id));

        var lines = await LinesAsync("/refresh-expired-tokens?provider=stripe");
        Assert.Equal("not_due", OutcomeOf(id, lines));
        Assert.Equal(lines.Count, lines.Max(line => (int)line["skipped"]!));
    }

    [Fact]
    public async Task A_sync_of_all_starts_what_is_connected_and_tells_each_integrations_result_as_a_line()
    {
        var user = NewUser();
        var connected = await user.ConnectedAsync(await Sandbox.NewAccountAsync(20, Cancel), cancel: Cancel);
        var off = await user.ConnectedAsync(await Sandbox.NewAccountAsync(20, Cancel), cancel: Cancel);
        (await user.SendAsync(HttpMethod.Put, $"/{off}", new { is_active = false }, Cancel)).MustBeOk("off");
        var runs = await RunsAsync(connected);

        Assert.Equal("not_due", OutcomeOf(connected, await LinesAsync("/sync-all")));
        Assert.Equal(runs, await RunsAsync(connected));

        var lines = await LinesAsync("/sync-all?force=true&provider=stripe");
        Assert.Equal("started", OutcomeOf(connected, lines));
        Assert.DoesNotContain(lines, line => (string?)line["integration_id"] == off);
        Assert.Equal(runs + 1, await RunsAsync(connected));
        await user.NewestRunAsync(connected, "succeeded", Cancel);
        await Eventually.HoldsAsync("nobody's sync runs any more, as other tests expect",
            () => Product.ScalarAsync<long>("select count(*) from sync_runs where ended_at is null", Cancel), open => open == 0, TimeSpan.FromMinutes(1), Cancel);
    }

    private async Task<List<JsonNode>> LinesAsync(string sweep)
    {
        var admin = NewUser("admin", admin: true);
        var answer = (await admin.SendAsync(HttpMethod.Post, sweep, null, Cancel, ("Accept", "application/x-ndjson"))).MustBeOk(sweep);
        Assert.Equal("application/x-ndjson", answer.ContentType);
        var lines = answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(lines.Count, lines.Max(line => (int)line["considered"]!));
        return lines;
    }

    private static string? OutcomeOf(string id, IEnumerable<JsonNode> lines) =>
        (string?)Assert.Single(lines, line => (string?)line["integration_id"] == id)["outcome"];

    private Task<long> RunsAsync(string id) =>
        Product.ScalarAsync<long>("select count(*) from sync_runs where integration_id = $1", Cancel, Guid.Parse(id));
}
