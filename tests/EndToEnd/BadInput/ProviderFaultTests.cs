using Xunit;

namespace FinanceIntegrations.EndToEnd.BadInput;

/// <summary>The provider misbehaves in the middle of a stream: classified, visible, nothing half-written, mended by the next sync.</summary>
public sealed class ProviderFaultTests(SharedCluster shared) : ProductTest(shared)
{
    [Theory]
    [InlineData("""{"kind":"malformed"}""", "validation", "unreadable_answer")]
    [InlineData("""{"kind":"truncated"}""", "validation", "unreadable_answer")]
    [InlineData("""{"kind":"empty"}""", "validation", "unreadable_answer")]
    [InlineData("""{"kind":"cut"}""", "network", "connection_lost")]
    [InlineData("""{"kind":"hang"}""", "network", "timeout")]
    [InlineData("""{"kind":"status","status":500}""", "provider_unavailable", null)]
    [InlineData("""{"kind":"status","status":503,"body":"<html>Sorry</html>"}""", "provider_unavailable", "http_503")]
    [InlineData("""{"kind":"rate_limited","retry_after":120}""", "rate_limited", null)]
    [InlineData("""{"kind":"status","status":401}""", "authentication", null)]
    public async Task A_fault_in_the_middle_of_a_stream_is_classified_and_mended_by_the_next_sync(string fault, string errorClass, string? code)
    {
        var account = await Sandbox.NewAccountAsync(cancel: Cancel);
        var user = NewUser();
        var id = await user.ConnectedAsync(account, cancel: Cancel);
        var before = await user.ListAsync($"/{id}/transactions", cancel: Cancel);

        var order = System.Text.Json.Nodes.JsonNode.Parse(fault)!.AsObject();
        (order["path"], order["query"], order["times"], order["after"]) = ("/v1/balance_transactions", "limit=", -1, 1);   // not that of a payout's entries
        await using (await Sandbox.FaultAsync(order, Cancel))
        {
            var run = await user.SyncAsync(id, full: true, Cancel);

            Assert.Equal("partial", (string?)run["status"]);
            Assert.False((bool)run["success"]!);
            var failed = Assert.Single(run["streams"]!.AsArray(), stream => (string?)stream!["status"] == "failed")!;
            Assert.Equal(("transactions", errorClass), ((string?)failed["stream"], (string?)failed["error_class"]));
            if (code is not null) Assert.Equal(code, (string?)failed["error_code"]);
            Assert.Equal(1, (long)failed["pages"]!);
        }

        var status = (await user.GetAsync($"/{id}/status", Cancel)).Json!;
        Assert.Equal(("active", "stream_failed"), ((string?)status["status"], (string?)status["status_reason"]));   // the other streams are read
        Assert.Equal("transactions", (string?)status["last_run"]!["reasons"]![0]!["stream"]);
        Assert.Equal(errorClass, (string?)status["last_problem"]!["class"]);
        Assert.True((double)status["health_score"]! < 1);
        Assert.Contains(status["health_losses"]!.AsArray(), loss => (string?)loss!["cause"] == "recent_failures");
        Assert.Equal(before.Select(row => row.ToJsonString()), (await user.ListAsync($"/{id}/transactions", cancel: Cancel)).Select(row => row.ToJsonString()));

        // What happens before the mending sync lies behind the page that the failed pass goes on from.
        await Sandbox.AdvanceAsync(account, "charge", 3, cancel: Cancel);
        Assert.Equal("succeeded", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
        await AgreesWithBooksAsync(user, id, account);
        Assert.Equal("active", (await user.GetAsync($"/{id}", Cancel))["status"]);
    }

    [Theory]
    [InlineData("malformed")]
    [InlineData("cut")]
    [InlineData("status")]
    public async Task A_provider_that_fails_the_code_exchange_connects_nothing_and_may_be_asked_again(string kind)
    {
        var account = await Sandbox.NewAccountAsync(50, Cancel);
        var user = NewUser();
        var id = await user.CreateStripeAsync(cancel: Cancel);
        var carried = await user.ConsentAsync(await user.AuthorizeAsync(id, Cancel), $"sandbox_account={account}", Cancel);
        await using (await Sandbox.FaultAsync(new { kind, path = "/oauth/token", times = -1 }, Cancel))
        {
            var refused = await user.PostAsync("/oauth/token", carried, Cancel);
            Assert.True(refused.Code == "authorization_failed", refused.ToString());
            Assert.Equal("outcome_unknown", refused["error_class"]);
        }
        Assert.Equal("inactive", (await user.GetAsync($"/{id}", Cancel))["status"]);

        await user.ConnectAsync(id, account, Cancel);
        await user.NewestRunAsync(id, "succeeded", Cancel);
        await AgreesWithBooksAsync(user, id, account);
    }
}
