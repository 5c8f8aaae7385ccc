using System.Globalization;
using System.Text.Json.Nodes;
using FinanceIntegrations.Local.Services;
using Spectre.Console;

namespace FinanceIntegrations.Local.Demo;

/// <summary>The main job: connect, sync, take a webhook, and show what came in.</summary>
internal sealed class StripeDemo(DemoClient client, string webhookSecret, ISteps steps, IAnsiConsole console)
{
    private const string Name = "Demo Stripe";
    private static readonly string[] Kinds = ["accounts", "balances", "transactions", "payments", "payouts", "disputes"];
    private static readonly TimeSpan WebhookLimit = TimeSpan.FromSeconds(30);

    public async Task RunAsync(CancellationToken cancel)
    {
        var found = await client.FindAsync(Name, cancel);
        if (found is not null)
            console.WriteLine($"\"{Name}\" is there from an earlier run: not created again");
        var integration = found ?? await CreateAsync(cancel);
        var id = Text(integration, "id");
        if (integration["external_account_id"] is null)
        {
            await steps.RunAsync("connect", async _ =>
            {
                await client.ConnectAsync(id, cancel);
                integration = await client.GetAsync(id, cancel);
                return $"consent given through the sandbox's OAuth, account {Text(integration, "external_account_id")}";
            });
            await SyncAsync(id, cancel);
            await SendWebhookAsync(id, Text(integration, "external_account_id"), cancel);
        }
        await ShowAsync(id, await client.WholeAsync(id, cancel), cancel);
    }

    private async Task<JsonNode> CreateAsync(CancellationToken cancel)
    {
        JsonNode? created = null;
        await steps.RunAsync("create", async _ =>
        {
            created = await client.CreateAsync(Name, cancel);
            return $"integration \"{Name}\" of user alice";
        });
        return created!;
    }

    /// <summary>The last 90 days are there first; the demo waits for the rest.</summary>
    private Task SyncAsync(string id, CancellationToken cancel) => steps.RunAsync("sync", async _ =>
    {
        var runs = await client.WholeAsync(id, cancel);
        return $"{runs[0]["status"]}: {Records(runs)} records, history included";
    });

    private Task SendWebhookAsync(string id, string account, CancellationToken cancel) => steps.RunAsync("webhook", async _ =>
    {
        var before = (await client.NewestEventAsync(id, cancel))?["event_id"]?.ToString();
        await client.SendWebhookAsync(account, webhookSecret, cancel);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limited.CancelAfter(WebhookLimit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (await client.NewestEventAsync(id, limited.Token) is not { } newest || newest["event_id"]?.ToString() == before || (bool?)newest["processed"] != true)
                await timer.WaitForNextTickAsync(limited.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new LocalStartException($"the webhook was taken but not processed within {WebhookLimit.TotalSeconds:0} s: see .local/logs/silo.log");
        }
        return "one signed payout.paid, verified, stored and processed";
    });

    private async Task ShowAsync(string id, IReadOnlyList<JsonNode> runs, CancellationToken cancel)
    {
        var table = new Table().Title(Name).AddColumn("what").AddColumn(new TableColumn("held").RightAligned());
        foreach (var kind in Kinds)
            table.AddRow(kind, Number(await client.CountAsync(id, kind, cancel)));
        table.AddRow("payout entries", Number((Entries(runs), false)));
        table.AddRow("webhook events", Number(await client.CountAsync(id, "webhook-events", cancel)));
        table.AddRow("health score", await client.HealthScoreAsync(id, cancel));
        table.AddRow("sync", $"{runs[0]["status"]}, {Records(runs)} records in {runs.Count} runs");
        table.AddRow("time taken", Taken(runs));
        console.WriteLine();
        console.Write(table);
    }

    private static long Records(IReadOnlyList<JsonNode> runs) => runs.Sum(run => (long?)run["synced_records"] ?? 0);

    /// <summary>They are listed payout by payout; the runs say how many are new.</summary>
    private static int Entries(IReadOnlyList<JsonNode> runs) => runs.SelectMany(run => run["streams"]?.AsArray() ?? [])
        .Where(stream => (string?)stream?["stream"] == "payout_entries").Sum(stream => (int?)stream?["written"] - (int?)stream?["changed"] ?? 0);

    /// <summary>Of all the runs' times together; newest first.</summary>
    private static string Taken(IReadOnlyList<JsonNode> runs) =>
        string.Create(CultureInfo.InvariantCulture, $"{runs.Sum(run => (Time(run, "ended_at") - Time(run, "started_at")).TotalSeconds):0.0} s");

    private static DateTimeOffset Time(JsonNode run, string name) => DateTimeOffset.Parse((string)run[name]!, CultureInfo.InvariantCulture);

    private static string Number((int Seen, bool More) count) => count.Seen.ToString("N0", CultureInfo.InvariantCulture) + (count.More ? "+" : "");

    private static string Text(JsonNode node, string name) =>
        (string?)node[name] ?? throw new LocalStartException($"the api's answer has no {name}: {node.ToJsonString()}");
}
