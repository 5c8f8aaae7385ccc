using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace FinanceIntegrations.EndToEnd.Operations;

/// <summary>A whole life with its failures, and then a look at everything that the processes have said, this run's other tests included.</summary>
public sealed class SecretsTests(SharedCluster shared) : ProductTest(shared)
{
    /// <summary>What a token endpoint that is out of order gives away: an answer that breaks off behind a token, a refusal that repeats one.</summary>
    private const string Canary = "rt_canary_9c1f04d27ab35e68";

    private static readonly object[] Faults =
    [
        new { kind = "malformed", path = "/v1/", times = -1 },
        new { kind = "status", path = "/v1/", times = -1 },
        new { kind = "cut", path = "/oauth/token", times = -1 },
        new { kind = "malformed", path = "/oauth/token", times = -1, body = $$"""{"access_token":"{{Canary}}","refresh_token":"{{Canary}}",<<<""" },
        new { kind = "malformed", path = "/oauth/token", times = -1, body = $$"""{"access_token":["{{Canary}}"]}""" },
        new { kind = "status", status = 400, path = "/oauth/token", times = -1, body = $$"""{"error":"{{Canary}}","error_description":"This refresh token: {{Canary}}"}""" },
    ];

    private readonly SharedCluster _shared = shared;

    [Fact]
    public async Task No_secret_stands_in_any_log_trace_problem_or_row()
    {
        var account = await Sandbox.NewAccountAsync(50, Cancel);
        var user = NewUser();
        var answers = new ConcurrentBag<string>();
        var id = await user.CreateStripeAsync(cancel: Cancel);
        var carried = await user.ConnectAsync(id, account, Cancel);
        await user.NewestRunAsync(id, "succeeded", Cancel);
        foreach (var wanted in Faults)
        {
            await using var fault = await Sandbox.FaultAsync(wanted, Cancel);
            answers.Add((await user.SyncAsync(id, cancel: Cancel)).ToJsonString());
            answers.Add((await user.PostAsync($"/{id}/oauth/refresh", cancel: Cancel)).Text);
            answers.Add((await user.PostAsync("/oauth/token", carried, Cancel)).Text);
        }
        var made = (await user.PostAsync($"/{id}/webhook-endpoints", new { }, Cancel)).MustBeOk("endpoint");
        (await user.SendAsync(HttpMethod.Delete, $"/{id}", cancel: Cancel)).MustBeOk("delete");

        var secrets = SecretsOfTheRun().Append(carried["code"]).Append(carried["state"]).Append(made["secret"]).Append(Canary).Distinct().ToList();
        Assert.True(secrets.Count > 8, $"{secrets.Count} secrets");
        Assert.Contains(secrets, secret => secret.StartsWith("rt_", StringComparison.Ordinal));

        foreach (var log in Directory.GetFiles(Product.Processes.LogFolder)) Holds(Path.GetFileName(log), await ReadAsync(log), secrets);
        foreach (var answer in answers) Holds("an answer", answer, secrets);
        foreach (var body in _shared.Telemetry.Bodies) Holds("telemetry", Encoding.UTF8.GetString(body), secrets);
        foreach (var table in await Product.ColumnAsync<string>("select relname::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace", Cancel))
            Holds(table, string.Join('\n', await Product.ColumnAsync<string>($"select t::text from {table} t", Cancel)), secrets);
        Holds("orleans_state", string.Join('\n', await Product.ColumnAsync<string>(
            "select convert_from(payload, 'UTF8') from orleans_state where payload is not null", Cancel)), secrets);
    }

    /// <summary>What the processes were given, and every code and token that the sandbox gave out.</summary>
    private IEnumerable<string> SecretsOfTheRun()
    {
        var given = Product.Processes.Secrets;
        string[] own =
        [
            given.SigningKey, given.EdgeMasterKey, given.TokenMasterKey, given.StripeSecretKey, given.StripeWebhookSecret,
            given.SquareClientSecret, given.SquareWebhookSecret, given.PayPalClientSecret,
        ];
        var journal = Path.Combine(Product.Processes.LogFolder, "..", "sandbox", "journal.jsonl");
        using var reader = new StreamReader(new FileStream(journal, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var issued = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)
            .Where(line => (string?)line["topic"] == "oauth.issued").Select(line => (string)line["entry"]!["Token"]!);
        return own.Concat(issued.ToList());
    }

    private static void Holds(string where, string text, IReadOnlyList<string> secrets)
    {
        foreach (var secret in secrets)
            Assert.False(text.Contains(secret, StringComparison.Ordinal), $"{where} holds {secret[..6]}…: {Around(text, secret)}");
    }

    private static string Around(string text, string secret)
    {
        var at = text.IndexOf(secret, StringComparison.Ordinal);
        return at < 0 ? "" : text[Math.Max(0, at - 200)..at];
    }

    private static async Task<string> ReadAsync(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return await reader.ReadToEndAsync(Cancel);
    }
}
