using FinanceIntegrations.Local.Services;

namespace FinanceIntegrations.Local.Running;

/// <summary>
/// <c>.local/run.json</c>: where everything is and how to get in. It exists only while a ./run is up and its demo has ended.
/// </summary>
internal sealed class RunFile(string localFolder)
{
    private readonly string _path = Path.Combine(localFolder, "run.json");

    public void Delete() => File.Delete(_path);

    public void Write(LocalCluster cluster, IReadOnlyList<string> stripeAccounts) => StateFile.Write(_path, new Content(
        cluster.ApiUrl,
        cluster.SandboxUrl,
        cluster.PostgresConnectionString,
        cluster.RedisConnectionString,
        new Dictionary<string, string>
        {
            ["alice"] = cluster.Tokens.For("alice", writer: true),
            ["bob"] = cluster.Tokens.For("bob"),
            ["admin"] = cluster.Tokens.For("admin", admin: true),
        },
        new Dictionary<string, string> { ["stripe"] = cluster.Secrets.StripeWebhookSecret },
        stripeAccounts,
        cluster.Processes));

    private sealed record Content(
        string Api,
        string Sandbox,
        string Postgres,
        string Redis,
        IReadOnlyDictionary<string, string> Tokens,
        IReadOnlyDictionary<string, string> WebhookSecrets,
        IReadOnlyList<string> StripeAccounts,
        IReadOnlyDictionary<string, int> Processes);
}
