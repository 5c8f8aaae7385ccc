using System.Net;
using System.Text.Json.Nodes;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Chaos;

[Collection<OneSilo>]
public sealed class BreakerTests(OneSilo shared) : ChaosTest(shared)
{
    private const int Threshold = 2;

    /// <summary>Longer than a silo takes to come back.</summary>
    private const int CooldownSeconds = 15;

    internal static readonly IReadOnlyDictionary<string, string> Settings = new Dictionary<string, string>
    {
        ["Providers__Stripe__Breaker__Threshold"] = $"{Threshold}",
        ["Providers__Stripe__Breaker__BaseCooldown"] = $"00:00:{CooldownSeconds}",
        ["Providers__Stripe__Breaker__MaxCooldown"] = $"00:00:{CooldownSeconds}",
        ["Providers__Stripe__Limits__RetryDelay"] = "00:00:00.050",
    };

    [Fact]
    public async Task An_open_breaker_survives_its_silo_calls_nothing_lets_one_probe_through_and_closes()
    {
        var account = await Sandbox.NewAccountAsync(100, Cancel);
        using var user = Product.User(OneSilo.Owner);
        var id = await user.ConnectedAsync(account, cancel: Cancel);

        await using (await Sandbox.FaultAsync(new { kind = "status", status = 503, path = "/v1/", times = -1 }, Cancel))
        {
            for (var failure = 1; failure <= Threshold; failure++)
                Assert.Equal("failed", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
            var opened = await BreakerAsync(user, id);
            Assert.Equal(("open", Threshold), ((string?)opened["state"], (int)opened["failures"]!));

            var silence = await Sandbox.LastSequenceAsync(Cancel);
            await KillAndStartAsync(ResourceNames.Silo);
            var survived = await Eventually.HoldsAsync("the status answers", () => BreakerAsync(user, id), _ => true, Recovery, Cancel);
            Assert.Equal(opened.ToJsonString(), survived.ToJsonString());
            Assert.Equal((HttpStatusCode.Conflict, "circuit_open"), StatusAndCode(await user.PostAsync($"/{id}/sync?force=true", cancel: Cancel)));
            Assert.Empty(await Sandbox.RequestsAsync(since: silence, cancel: Cancel));

            await ProbedOnceAsync(user, id, silence);
        }

        await StateIsAsync(user, id, "half_open");
        Assert.Equal("succeeded", (string?)(await user.SyncAsync(id, cancel: Cancel))["status"]);
        var closed = await BreakerAsync(user, id);
        Assert.Equal(("closed", 0), ((string?)closed["state"], (int)closed["failures"]!));
        await StateAndRowAgreeAsync(id);
        await AgreesWithBooksAsync(user, id, account);
    }

    /// <summary>Thirty people want a sync when the pause ends: one run, one call, and it is open again.</summary>
    private async Task ProbedOnceAsync(ApiUser user, string id, long since)
    {
        await StateIsAsync(user, id, "half_open");
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => user.PostAsync($"/{id}/sync?force=true", cancel: Cancel)));
        // Whoever comes when the probe has failed already is refused.
        Assert.All(answers.Where(a => a.Status != HttpStatusCode.Accepted),
            refused => Assert.Equal((HttpStatusCode.Conflict, "circuit_open"), StatusAndCode(refused)));
        var probe = await user.EndOfRunAsync(id, (await NewestRunAsync(id)).ToString(), Cancel);
        Assert.All(answers.Where(a => a.Status == HttpStatusCode.Accepted), joined => Assert.Equal((string?)probe["run_id"], joined["run_id"]));
        Assert.Equal("failed", (string?)probe["status"]);

        var call = Assert.Single(await Sandbox.RequestsAsync(since: since, cancel: Cancel));
        Assert.Equal(503, call.Status);
        Assert.Equal(["failed", .. Enumerable.Repeat("skipped", 7)], probe["streams"]!.AsArray().Select(stream => (string?)stream!["status"]));
        var again = await BreakerAsync(user, id);
        Assert.Equal(("open", Threshold + 1), ((string?)again["state"], (int)again["failures"]!));
    }

    private static Task<JsonNode> StateIsAsync(ApiUser user, string id, string state) => Eventually.HoldsAsync(
        $"the breaker is {state}", () => BreakerAsync(user, id), breaker => (string?)breaker["state"] == state, Recovery, Cancel);

    private static async Task<JsonNode> BreakerAsync(ApiUser user, string id) =>
        (await user.GetAsync($"/{id}/status", Cancel)).MustBeOk("status").Json!["circuit_breaker"]!;

    private static (HttpStatusCode, string?) StatusAndCode(ApiAnswer answer) => (answer.Status, answer.Code);
}
