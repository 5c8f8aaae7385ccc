using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Chaos;

/// <summary>Whatever the provider answers, and whoever dies, the data is the provider's in the end: each seed is another course of things.</summary>
public sealed class RandomFaultTests : ChaosTest
{
    private static readonly int Seeds = LongRun.Choose(usual: 5, full: 50);

    /// <summary>The first seed; <c>FI_SEED</c> runs the one that failed.</summary>
    private static readonly int? Only = int.TryParse(Environment.GetEnvironmentVariable("FI_SEED"), out var seed) ? seed : null;

    protected override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>
    {
        ["Providers__Stripe__Limits__AttemptTimeout"] = "00:00:00.700",
        ["Providers__Stripe__Limits__TotalTimeout"] = "00:00:02",
        ["Providers__Stripe__Limits__RetryDelay"] = "00:00:00.020",
        ["Providers__Stripe__Limits__LongestRetryDelay"] = "00:00:01",
        ["Providers__Stripe__Breaker__Threshold"] = "3",
        ["Providers__Stripe__Breaker__BaseCooldown"] = "00:00:01",
        ["Providers__Stripe__Breaker__MaxCooldown"] = "00:00:02",
    };

    [Fact]
    public async Task A_sync_under_random_faults_ends_with_exactly_the_providers_data_and_no_duplicate_run()
    {
        using var user = Product.User("alice");
        var seeds = Only is { } one ? [one] : Enumerable.Range(1, Seeds);
        foreach (var seed in seeds)
        {
            var course = new FaultyCourse(seed, Product, user, () => KillAndStartAsync(ResourceNames.Silo), Cancel);
            try
            {
                await course.RunAsync();
                await EndsRightAsync(user, course);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                throw new InvalidOperationException($"seed {seed}: {failure.Message}\n{course}", failure);
            }
            TestContext.Current.SendDiagnosticMessage($"seed {seed}:\n{course}");
        }
    }

    private async Task EndsRightAsync(ApiUser user, FaultyCourse course)
    {
        var id = course.Integration;
        var well = TimeProvider.System.GetUtcNow();   // a run that is joined may have read past the last changes already
        await Eventually.HoldsAsync("a sync succeeds that began when the provider was well", () => user.SyncAsync(id, cancel: Cancel),
            run => (string?)run["status"] == "succeeded" && (DateTimeOffset)run["started_at"]! >= well, Recovery, Cancel);
        await AgreesWithBooksAsync(user, id, course.Account);
        await StateAndRowAgreeAsync(id);
        Assert.Equal("active closed", await StatusAsync(user, id));

        var runs = Guid.Parse(id);
        Assert.Equal(0, await Product.ScalarAsync<long>("""
            select count(*) from sync_runs a join sync_runs b on a.integration_id = b.integration_id and a.id < b.id
            where a.integration_id = $1 and a.started_at < coalesce(b.ended_at, 'infinity') and b.started_at < coalesce(a.ended_at, 'infinity')
            """, Cancel, runs));
        Assert.Equal(0, await Product.ScalarAsync<long>(
            "select count(*) from sync_runs where integration_id = $1 and (ended_at is null or message like '%another try does not mend%')", Cancel, runs));
        Assert.Equal(0, await Product.ScalarAsync<long>("select count(*) from parked_rows where integration_id = $1", Cancel, runs));
        Assert.Equal(0, await Product.ScalarAsync<long>(
            "select count(*) from webhook_deliveries where integration_id = $1 and status not in ('done', 'ignored', 'pending')", Cancel, runs));
    }

    private static async Task<string> StatusAsync(ApiUser user, string id)
    {
        var status = (await user.GetAsync($"/{id}/status", Cancel)).MustBeOk("status").Json!;
        return $"{status["status"]} {status["circuit_breaker"]!["state"]}";
    }
}
