using System.Text.Json.Nodes;
using Xunit;

namespace FinanceIntegrations.EndToEnd.MainJob;

public sealed class TokenSweepTests(SharedCluster cluster) : ProductTest(cluster)
{
    [Fact]
    public async Task The_refresh_of_all_due_tokens_tells_each_integrations_result_as_a_line()
    {
        var account = await Sandbox.NewAccountAsync(20, Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        // Stripe's tokens never end: the row alone says that they are due, and the grain knows better.
        await Product.ExecuteAsync("update integrations set token_refresh_at = now() where id = $1", Cancel, Guid.Parse(id));

        var admin = NewUser("admin", admin: true);
        var answer = (await admin.SendAsync(HttpMethod.Post, "/refresh-expired-tokens?provider=stripe", null, Cancel, ("Accept", "application/x-ndjson")))
            .MustBeOk("refresh");
        Assert.Equal("application/x-ndjson", answer.ContentType);
        var lines = answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal("not_due", (string?)Assert.Single(lines, line => (string?)line["integration_id"] == id)["outcome"]);
        Assert.Equal(lines.Count, lines.Max(line => (int)line["considered"]!));
        Assert.Equal(lines.Count, lines.Max(line => (int)line["skipped"]!));
    }
}
