using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.Requests;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests;

public sealed class FaultTests(ConnectedSandbox connected) : IClassFixture<ConnectedSandbox>
{
    private const string Path = "/v1/balance_transactions";

    private RunningSandbox Sandbox => connected.Sandbox;

    [Fact]
    public async Task A_status_strikes_as_often_as_asked_after_the_first_ones_passed()
    {
        await FaultAsync(new { provider = "stripe", path = Path, kind = "status", status = 503, times = 2, after = 1, retry_after = 7 });
        await Sandbox.GetAsync(Path);
        await Sandbox.GetAsync("/v1/payouts");
        for (var i = 0; i < 2; i++)
        {
            using var answer = await Sandbox.SendAsync(Path);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(7), answer.Headers.RetryAfter?.Delta);
            Assert.Contains("\"api_error\"", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        await Sandbox.GetAsync(Path);
    }

    [Fact]
    public async Task A_rate_limit_says_why_and_when()
    {
        await FaultAsync(new { provider = "stripe", path = Path, kind = "rate_limited", retry_after = 3 });
        using var answer = await Sandbox.SendAsync(Path);
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Equal("endpoint-rate", answer.Headers.GetValues("Stripe-Rate-Limited-Reason").Single());
        Assert.Equal(TimeSpan.FromSeconds(3), answer.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task A_cut_breaks_the_connection_in_the_body()
    {
        await FaultAsync(new { provider = "stripe", path = Path, kind = "cut" });
        await Assert.ThrowsAsync<HttpRequestException>(() => Sandbox.GetAsync(Path));
        await Sandbox.GetAsync(Path);
    }

    [Fact]
    public async Task A_list_can_show_nothing_and_odd_rows_and_a_balance_can_disagree_with_its_transactions()
    {
        var (rows, balance) = (await Sandbox.GetAsync(Path), await Sandbox.GetAsync("/v1/balance"));
        await FaultAsync(new { provider = "stripe", path = Path, kind = "empty_list" });
        var empty = await Sandbox.GetAsync(Path);
        Assert.Equal(("list", 0, false), ((string?)empty["object"], empty["data"]!.AsArray().Count, (bool)empty["has_more"]!));
        await FaultAsync(new { provider = "stripe", path = Path, kind = "odd_rows" });
        var odd = (await Sandbox.GetAsync(Path))["data"]!.AsArray();
        Assert.Equal("zzz", (string?)odd[0]!["currency"]);
        Assert.Equal(rows["data"]!.AsArray().Skip(1).Select(row => row!.ToJsonString()), odd.Skip(1).Select(row => row!.ToJsonString()));
        await FaultAsync(new { provider = "stripe", path = "/v1/balance", kind = "totals" });
        var high = await Sandbox.GetAsync("/v1/balance");
        Assert.Equal((long)balance["available"]![0]!["amount"]! + 100, (long)high["available"]![0]!["amount"]!);
    }

    [Fact]
    public async Task A_payouts_entries_can_disagree_with_it_while_all_movements_are_told_as_they_are()
    {
        var payout = (await Sandbox.ListAsync("/v1/payouts"))[^1];
        var (entries, all) = ($"{Path}?payout={payout["id"]}", $"{Path}?limit=100");
        var (before, movements) = (await Sandbox.GetAsync(entries), await Sandbox.GetAsync(all));
        await FaultAsync(new { provider = "stripe", path = Path, query = "payout=", kind = "amounts" });
        Assert.Equal(movements.ToJsonString(), (await Sandbox.GetAsync(all)).ToJsonString());
        Assert.Equal(Net(before) + 100, Net(await Sandbox.GetAsync(entries)));
        Assert.Equal(before.ToJsonString(), (await Sandbox.GetAsync(entries)).ToJsonString());

        static long Net(JsonNode list) => list["data"]!.AsArray().Sum(row => (long)row!["net"]!);
    }

    [Theory]
    [InlineData("truncated")]
    [InlineData("malformed")]
    [InlineData("empty")]
    public async Task A_body_that_is_no_JSON_comes_with_status_200(string kind)
    {
        await FaultAsync(new { provider = "stripe", path = Path, kind });
        using var answer = await Sandbox.SendAsync(Path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.ThrowsAny<JsonException>(() => JsonNode.Parse(body));
    }

    [Fact]
    public async Task Latency_and_a_hang_take_the_time_they_are_given()
    {
        var clock = TimeProvider.System;
        await FaultAsync(new { provider = "stripe", path = Path, kind = "latency", milliseconds = 300 });
        var start = clock.GetTimestamp();
        await Sandbox.GetAsync(Path);
        Assert.True(clock.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(290));
        await FaultAsync(new { provider = "stripe", path = Path, kind = "hang", milliseconds = 300 });
        await Assert.ThrowsAsync<HttpRequestException>(() => Sandbox.GetAsync(Path));
    }

    [Fact]
    public async Task A_held_call_waits_before_its_effect_until_the_fault_is_removed_and_then_is_answered()
    {
        var fault = await FaultAsync(new { provider = "stripe", path = "/v1/files", kind = "hold", method = "POST" });
        var files = (await Sandbox.ListAsync("/v1/files")).Count;
        var order = Sandbox.UploadAsync([.. "%PDF-1.7"u8]);
        while ((await FaultsAsync()).Single(one => (int)one!["id"]! == (int)fault["id"]!)!["struck"]!.GetValue<int>() == 0)
            Assert.False(order.IsCompleted);
        Assert.Equal(files, (await Sandbox.ListAsync("/v1/files")).Count);
        Assert.False(order.IsCompleted);
        using var removed = await Sandbox.Client.DeleteAsync(new Uri($"{Sandbox.Url}/control/faults/{fault["id"]}"), TestContext.Current.CancellationToken);
        Assert.Equal(200, (await order).Status);
        Assert.Equal(files + 1, (await Sandbox.ListAsync("/v1/files")).Count);

        async Task<JsonArray> FaultsAsync() => (await Sandbox.ControlAsync("/control/faults")).AsArray();
    }

    [Fact]
    public async Task What_was_not_answered_is_noted_with_status_0()
    {
        RequestLog log;
        await using (var sandbox = await RunningSandbox.StartConnectedAsync())
        {
            log = sandbox.Requests;
            foreach (var kind in (string[])["hang", "lost", "cut"])
            {
                await sandbox.ControlAsync("/control/faults", new { provider = "stripe", kind, milliseconds = 1 });
                await Assert.ThrowsAsync<HttpRequestException>(() => sandbox.GetAsync("/v1/payouts"));
            }
            await sandbox.ControlAsync("/control/faults", new { provider = "stripe", kind = "hold" });
            using var impatient = new CancellationTokenSource();
            var given = sandbox.Client.GetAsync(new Uri(sandbox.Url + "/v1/payouts"), impatient.Token);
            while (log.Read("stripe", null, 0) is not [_, _, _, { Fault: not null }])
            {
                Assert.False(given.IsCompleted);
                await Task.Yield();
            }
            await impatient.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        }
        Assert.Equal([("hang", 0), ("lost", 0), ("cut", 200), ("hold", 0)], log.Read("stripe", null, 0).Select(one => (one.Fault!.Split('#')[0], one.Status)));
    }

    [Fact]
    public async Task A_skewed_clock_shows_in_the_date()
    {
        await FaultAsync(new { provider = "stripe", path = Path, kind = "clock_skew", milliseconds = -7_200_000 });
        using var answer = await Sandbox.SendAsync(Path);
        var behind = TimeProvider.System.GetUtcNow() - answer.Headers.Date!.Value;
        Assert.InRange(behind.TotalSeconds, 7150, 7250);
    }

    [Theory]
    [InlineData("/oauth/token")]
    [InlineData("/stripe/oauth/token")]
    public async Task Faults_strike_the_token_endpoint_too(string address)
    {
        await FaultAsync(new { provider = "stripe", path = "/oauth/token", kind = "status", status = 503, body = "{}" });
        var (struck, _) = await Sandbox.PostFormAsync(address, ("grant_type", "authorization_code"), ("code", "ac_none"), ("client_secret", RunningSandbox.Key));
        var (passed, _) = await Sandbox.PostFormAsync(address, ("grant_type", "authorization_code"), ("code", "ac_none"), ("client_secret", RunningSandbox.Key));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.BadRequest), (struck, passed));
    }

    [Fact]
    public async Task Requests_are_noted_with_account_status_and_fault_but_no_secret()
    {
        await using var sandbox = await RunningSandbox.StartConnectedAsync();
        await sandbox.ControlAsync("/control/faults", new { provider = "stripe", path = "/v1/payouts", kind = "status", status = 500, times = -1 });
        await sandbox.GetAsync("/v1/payouts?limit=3", HttpStatusCode.InternalServerError);
        await sandbox.AuthorizeAsync("sandbox_approve=1");
        var noted = (await sandbox.ControlAsync("/control/requests?provider=stripe")).AsArray();
        Assert.Equal(2, noted.Count);
        Assert.Equal("/v1/payouts", (string)noted[0]!["path"]!);
        Assert.Equal("?limit=3", (string)noted[0]!["query"]!);
        Assert.Equal(500, (int)noted[0]!["status"]!);
        Assert.StartsWith("status#", (string)noted[0]!["fault"]!, StringComparison.Ordinal);
        Assert.Contains("state=***", (string)noted[1]!["query"]!, StringComparison.Ordinal);
        var since = await sandbox.ControlAsync($"/control/requests?since={noted[0]!["sequence"]}");
        Assert.Single(since.AsArray());

        using var removed = await sandbox.Client.DeleteAsync(new Uri(sandbox.Url + "/control/faults"), TestContext.Current.CancellationToken);
        using var cleared = await sandbox.Client.DeleteAsync(new Uri(sandbox.Url + "/control/requests"), TestContext.Current.CancellationToken);
        await sandbox.GetAsync("/v1/payouts?limit=3");
        var request = Assert.Single((await sandbox.ControlAsync("/control/requests")).AsArray());
        Assert.Equal(sandbox.Account, (string)request!["account"]!);
    }

    [Fact]
    public async Task The_limit_of_requests_per_second_holds_for_each_account()
    {
        await using var sandbox = await RunningSandbox.StartConnectedAsync("--Sandbox:Stripe:RequestsPerSecond=5");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => sandbox.SendAsync("/v1/balance")));
        Assert.InRange(answers.Count(answer => answer.StatusCode == HttpStatusCode.OK), 5, 12);
        var limited = answers.First(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.True(limited.Headers.Contains("Stripe-Rate-Limited-Reason"));
        foreach (var answer in answers) answer.Dispose();
        await sandbox.GetAsync("/v1/balance", account: "");
    }

    [Fact]
    public async Task A_limit_over_a_longer_time_holds_for_each_account_and_one_of_the_app_for_all()
    {
        await using var sandbox = await RunningSandbox.StartConnectedAsync(
            "--Sandbox:Stripe:Limits:0:Requests=5", "--Sandbox:Stripe:Limits:0:Per=01:00:00",
            "--Sandbox:Stripe:Limits:1:App=true", "--Sandbox:Stripe:Limits:1:Requests=7", "--Sandbox:Stripe:Limits:1:Per=01:00:00");
        Assert.Equal(5, await OkAsync(sandbox, account: null));
        Assert.Equal(2, await OkAsync(sandbox, account: ""));
    }

    private static async Task<int> OkAsync(RunningSandbox sandbox, string? account)
    {
        var ok = 0;
        for (var n = 0; n < 10; n++)
        {
            using var answer = await sandbox.SendAsync("/v1/balance", account);
            if (answer.StatusCode == HttpStatusCode.OK) ok++;
        }
        return ok;
    }

    [Fact]
    public void It_does_not_start_in_production() =>
        Assert.Throws<InvalidOperationException>(() => SandboxApplication.Build(["--environment=Production"]));

    private Task<JsonNode> FaultAsync(object fault) => Sandbox.ControlAsync("/control/faults", fault);
}
