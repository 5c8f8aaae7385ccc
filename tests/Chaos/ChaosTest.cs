using FinanceIntegrations.Local.Services;
using FinanceIntegrations.Testing;
using Xunit;

[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace FinanceIntegrations.Chaos;

/// <summary>A product that is going to lose a process, and what is looked at afterwards.</summary>
/// <param name="shared">Whose product it is; null: one of its own.</param>
public abstract class ChaosTest(OneSilo? shared = null) : IAsyncLifetime
{
    protected const string Postgres = "postgres";

    /// <summary>A killed process is back and has caught up.</summary>
    protected static readonly TimeSpan Recovery = TimeSpan.FromMinutes(2);

    private ProductCluster? _product;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected ProductCluster Product => _product ?? throw new InvalidOperationException("not started");

    protected SandboxControl Sandbox => Product.Sandbox;

    /// <summary>Always the same moments: a failure can be had again.</summary>
    protected Random Moments { get; } = new(20260101);

    /// <summary>What a product of its own is made of.</summary>
    protected virtual LocalClusterOptions Options => OptionsWith();

    /// <summary>The usual, and what a test's processes are told beside it, which wins.</summary>
    internal static LocalClusterOptions OptionsWith(params ReadOnlySpan<IReadOnlyDictionary<string, string>> settings)
    {
        var environment = new Dictionary<string, string>
        {
            ["RateLimits__ReadsPerMinute"] = "1000000",
            ["RateLimits__WritesPerMinute"] = "1000000",
            // The first sync reads everything, so that there is one run to interrupt.
            ["Sync__Streams__stripe__Window"] = "00:00:00",
            ["Sync__Streams__paypal__Window"] = "00:00:00",
            ["Sync__Streams__square__Window"] = "00:00:00",
            ["FeatureManagement__provider_stripe_payout_entries"] = "false",   // a call per payout: minutes, where each call is made slow
            ["Sandbox__Stripe__RequestsPerSecond"] = "0",
            ["Providers__Stripe__Limits__CallsPerSecondPerAccount"] = "0",
            ["Providers__PayPal__Limits__CallsPerSecondPerAccount"] = "0",
            ["Providers__Square__Limits__CallsPerSecondPerAccount"] = "0",
        };
        foreach (var some in settings)
            foreach (var (key, value) in some) environment[key] = value;
        return new() { Environment = environment };
    }

    public async ValueTask InitializeAsync() => _product = shared?.Product ?? await ProductCluster.StartAsync(Options, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (shared is not null) await shared.ForgetAsync();
        else if (_product is not null) await _product.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>kill -9, and a start as whoever watches over processes would do it.</summary>
    protected async Task KillAndStartAsync(string name)
    {
        await Product.Processes.KillAsync(name);
        await Product.Processes.StartAsync(name, Cancel);
    }

    protected Task<Guid> NewestRunAsync(string id) => Eventually.HoldsAsync("a run has begun",
        () => Product.ScalarAsync<Guid>("select id from sync_runs where integration_id = $1 order by started_at desc limit 1", Cancel, Guid.Parse(id)),
        run => run != default, cancel: Cancel);

    /// <summary>The run ends well, and it is the only one.</summary>
    protected async Task RunSucceedsAsync(string id, Guid run)
    {
        await Eventually.HoldsAsync($"run {run} succeeds",
            () => Product.ScalarAsync<string>("select status || ' ' || message from sync_runs where id = $1", Cancel, run),
            status => status.StartsWith("succeeded", StringComparison.Ordinal), Recovery, Cancel);
        Assert.Equal(1, await Product.ScalarAsync<long>("select count(*) from sync_runs where integration_id = $1", Cancel, Guid.Parse(id)));
    }

    /// <summary>Row by row, over the api.</summary>
    protected async Task AgreesWithBooksAsync(ApiUser user, string id, string account)
    {
        ArgumentNullException.ThrowIfNull(user);
        var books = await Sandbox.BooksAsync(account, Cancel);
        foreach (var kind in StripeBooks.Kinds)
        {
            var seen = await Eventually.HoldsAsync($"{kind} can be read", () => user.ListAsync($"/{id}/{kind}", cancel: Cancel), _ => true, Recovery, Cancel);
            Assert.Equal(books.Lines(kind), StripeBooks.Seen(kind, seen));
        }
    }

    /// <summary>The grain's stored state and the integration's row are of one write.</summary>
    protected async Task StateAndRowAgreeAsync(string id)
    {
        await using var command = Product.Database.CreateCommand("""
            select s.version = i.state_version, p ->> 'status' = i.status, p ->> 'status_reason' = i.status_reason,
                round((p ->> 'health_score')::numeric, 3) = i.health_score, p ->> 'external_account_id' = i.external_account_id,
                (p ->> 'last_sync_at')::timestamptz = i.last_sync_at, (p ->> 'last_success_at')::timestamptz = i.last_success_at,
                (p ->> 'next_sync_at')::timestamptz = i.next_sync_at, (p ->> 'updated_at')::timestamptz = i.updated_at, p -> 'run' = 'null'
            from orleans_state s cross join lateral (select convert_from(s.payload, 'UTF8')::jsonb) j (p) join integrations i on i.id = (p ->> 'id')::uuid
            where s.grain_type = 'integration' and i.id = $1
            """);
        command.Parameters.Add(new() { Value = Guid.Parse(id) });
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        Assert.True(await reader.ReadAsync(Cancel), "no state");
        for (var column = 0; column < reader.FieldCount; column++)
            Assert.True(!await reader.IsDBNullAsync(column, Cancel) && reader.GetBoolean(column), $"column {column} differs");
        Assert.False(await reader.ReadAsync(Cancel), "two states");
    }
}
