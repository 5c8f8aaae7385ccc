using FinanceIntegrations.Local.Services;
using Npgsql;

namespace FinanceIntegrations.Testing;

/// <summary>The whole product as processes, with what a test needs to talk to it.</summary>
public sealed class ProductCluster : IAsyncDisposable
{
    private ProductCluster(LocalCluster processes)
    {
        Processes = processes;
        Sandbox = new(processes.SandboxUrl, processes.Secrets.StripeSecretKey);
        Database = NpgsqlDataSource.Create(processes.PostgresConnectionString);
    }

    public LocalCluster Processes { get; }

    public SandboxControl Sandbox { get; }

    /// <summary>As its superuser.</summary>
    public NpgsqlDataSource Database { get; }

    /// <summary>The app's webhook endpoint at Stripe.</summary>
    public string StripeWebhooks => $"{Processes.ApiUrl}{ApiUser.Base}/webhooks/stripe";

    public string StripeWebhookSecret => Processes.Secrets.StripeWebhookSecret;

    /// <summary>The app's webhook endpoint at Square, as it is entered there.</summary>
    public string SquareWebhooks => $"{Processes.ApiUrl}{ApiUser.Base}/webhooks/square";

    public string SquareWebhookSecret => Processes.Secrets.SquareWebhookSecret;

    /// <summary>The app's webhook endpoint at PayPal.</summary>
    public string PayPalWebhooks => $"{Processes.ApiUrl}{ApiUser.Base}/webhooks/paypal";

    public string PayPalWebhookId => Processes.Secrets.PayPalWebhookId;

    public static async Task<ProductCluster> StartAsync(LocalClusterOptions options, CancellationToken cancel = default)
    {
        await Packages.EnsureAsync(_ => { }, cancel);
        return new(await LocalCluster.StartAsync(options, cancel: cancel));
    }

    /// <param name="name">The subject of the token.</param>
    public ApiUser User(string name, bool admin = false, TimeSpan? lifetime = null, bool writer = false) =>
        new(Processes.ApiUrl, Processes.Tokens.For(name, admin, lifetime, writer));

    public ApiUser Nobody() => new(Processes.ApiUrl, null);

    /// <summary>The first column of the first row.</summary>
    public async Task<T> ScalarAsync<T>(string sql, CancellationToken cancel, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        return (T)(await command.ExecuteScalarAsync(cancel))!;
    }

    public async Task<IReadOnlyList<T>> ColumnAsync<T>(string sql, CancellationToken cancel, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        List<T> values = [];
        while (await reader.ReadAsync(cancel)) values.Add(reader.GetFieldValue<T>(0));
        return values;
    }

    public async Task ExecuteAsync(string sql, CancellationToken cancel, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        await command.ExecuteNonQueryAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        Sandbox.Dispose();
        await Database.DisposeAsync();
        await Processes.DisposeAsync();
    }

    private NpgsqlCommand Command(string sql, object[] parameters)
    {
        var command = Database.CreateCommand(sql);
        foreach (var parameter in parameters) command.Parameters.Add(new() { Value = parameter });
        return command;
    }
}
