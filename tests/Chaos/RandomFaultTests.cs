using FinanceIntegrations.Local.Services;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Chaos;

/// <summary>Whatever the providers answer, and whoever dies, the data is the providers' in the end: each seed is another course of things.</summary>
public sealed class RandomFaultTests : ChaosTest
{
    private const int Rounds = 4;

    private static readonly int Seeds = LongRun.Choose(usual: 5, full: 50);

    /// <summary>The first seed; <c>FI_SEED</c> runs the one that failed.</summary>
    private static readonly int? Only = int.TryParse(Environment.GetEnvironmentVariable("FI_SEED"), out var seed) ? seed : null;

    private static readonly IReadOnlyDictionary<string, string> Settings = new[] { "Stripe", "PayPal", "Square" }.SelectMany(provider => new Dictionary<string, string>
    {
        [$"Providers__{provider}__Limits__AttemptTimeout"] = "00:00:00.700",
        [$"Providers__{provider}__Limits__TotalTimeout"] = "00:00:02",
        [$"Providers__{provider}__Limits__RetryDelay"] = "00:00:00.020",
        [$"Providers__{provider}__Limits__LongestRetryDelay"] = "00:00:01",
        [$"Providers__{provider}__Breaker__Threshold"] = "3",
        [$"Providers__{provider}__Breaker__BaseCooldown"] = "00:00:01",
        [$"Providers__{provider}__Breaker__MaxCooldown"] = "00:00:02",
    }).ToDictionary();

    /// <summary>A call per payout, on an account a third as big: for the full figures.</summary>
    private static readonly Dictionary<string, string> Entries = new() { ["FeatureManagement__provider_stripe_payout_entries"] = LongRun.Choose("false", full: "true") };

    protected override LocalClusterOptions Options => OptionsWith(Settings, Entries);

    /// <summary>A connection to each provider at once: the silo dies for all of them.</summary>
    [Fact]
    public async Task A_sync_under_random_faults_ends_with_exactly_the_providers_data_and_no_duplicate_run()
    {
        using var user = Product.User("alice");
        foreach (var seed in Only is { } one ? [one] : Enumerable.Range(1, Seeds))
        {
            FaultyCourse[] courses = [.. FaultyProvider.All(Product, Cancel).Select(provider => new FaultyCourse(seed, provider, Product, user, Cancel))];
            try
            {
                await GoThroughAsync(courses, new Random(seed));
                await Task.WhenAll(courses.Select(course => EndsRightAsync(user, course)));
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                throw new InvalidOperationException($"seed {seed}: {failure.Message}\n{string.Join<FaultyCourse>('\n', courses)}", failure);
            }
            TestContext.Current.SendDiagnosticMessage($"seed {seed}:\n{string.Join<FaultyCourse>('\n', courses)}");
        }
    }

    private async Task GoThroughAsync(FaultyCourse[] courses, Random chance)
    {
        var killed = chance.Next(Rounds);
        await Task.WhenAll(courses.Select(course => course.BeginAsync()));
        for (var round = 0; round < Rounds; round++)
        {
            var now = round;
            await Task.WhenAll(courses.Select(course => course.StrikeAsync(now)));
            if (round == killed || chance.Next(4) == 0) await KillAndStartAsync(ResourceNames.Silo);
            await Task.WhenAll(courses.Select(course => course.GoOnAsync()));
        }
        await Task.WhenAll(courses.Select(course => course.MendAsync()));
    }

    private async Task EndsRightAsync(ApiUser user, FaultyCourse course)
    {
        var (id, name) = (course.Integration, course.Provider.Name);
        var well = TimeProvider.System.GetUtcNow();   // a run that is joined may have read past the last changes already
        await Eventually.HoldsAsync($"a sync of {name} succeeds that began when the provider was well",
            () => user.SyncAsync(id, course.Provider.NeedsFullRead, Cancel),
            run => (string?)run["status"] == "succeeded" && (DateTimeOffset)run["started_at"]! >= well, Recovery, Cancel);
        Assert.Equal(0, await Product.ScalarAsync<long>("select count(*) from parked_rows where integration_id = $1", Cancel, Guid.Parse(id)));
        foreach (var book in await course.Provider.BooksAsync(course.Account))
        {
            var seen = book.Seen(await user.ListAsync($"/{id}/{book.Kind}", cancel: Cancel));
            Assert.True(book.Lines.SequenceEqual(seen),
                $"{name}'s {book.Kind}: the books alone have {string.Join("; ", book.Lines.Except(seen))}, the api alone {string.Join("; ", seen.Except(book.Lines))}");
        }
        await StateAndRowAgreeAsync(id);
        var status = await course.StatusAsync();
        Assert.Equal((name, "active", "closed"), (name, (string?)status["status"], (string?)status["circuit_breaker"]!["state"]));

        var runs = Guid.Parse(id);
        Assert.Equal(0, await Product.ScalarAsync<long>("""
            select count(*) from sync_runs a join sync_runs b on a.integration_id = b.integration_id and a.id < b.id
            where a.integration_id = $1 and a.started_at < coalesce(b.ended_at, 'infinity') and b.started_at < coalesce(a.ended_at, 'infinity')
            """, Cancel, runs));
        Assert.Equal(0, await Product.ScalarAsync<long>(
            "select count(*) from sync_runs where integration_id = $1 and (ended_at is null or message like '%another try does not mend%')", Cancel, runs));
        Assert.Equal(0, await Product.ScalarAsync<long>(
            "select count(*) from webhook_deliveries where integration_id = $1 and status not in ('done', 'ignored', 'pending')", Cancel, runs));
    }
}
