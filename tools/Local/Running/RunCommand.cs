using FinanceIntegrations.Local.Demo;
using FinanceIntegrations.Local.Services;
using Spectre.Console;

namespace FinanceIntegrations.Local.Running;

/// <summary><c>./run</c>: everything up, the main job done once before the person's eyes, then up until Ctrl-C.</summary>
internal static class RunCommand
{
    /// <summary>Stripe's limit of 25 calls per second and endpoint would make the demo wait for nobody's sake. Who wants to see it kept sets these.</summary>
    private static readonly Dictionary<string, string> Unlimited =
        new[] { "Sandbox__Stripe__RequestsPerSecond", "Providers__Stripe__Limits__CallsPerSecondPerAccount" }
            .Where(key => Environment.GetEnvironmentVariable(key) is null).ToDictionary(key => key, _ => "0");

    public static async Task<int> RunAsync(RunOptions options, string checkout, CancellationToken cancel)
    {
        var folder = LocalFolder.Of(checkout);
        var console = Terminal.Console;
        var requests = new StartRequests(folder);
        if (options.Help)
        {
            console.WriteLine(RunOptions.Usage);
            return ExitCodes.Success;
        }
        if (options.StartAgain is { } name)
        {
            requests.Ask(name);
            return ExitCodes.Success;
        }

        using var held = RunLock.Take(folder);
        var file = new RunFile(folder);
        file.Delete();
        await new ProcessJournal(folder).EndLeftoversAsync(cancel);
        if (options.Reset)
            Forget(folder);
        var steps = new TerminalSteps(console, TimeProvider.System);
        await Packages.EnsureAsync(console.WriteLine, cancel);
        await SolutionBuild.RunAsync(checkout, SolutionBuild.Product, steps, cancel);
        try
        {
            await using var cluster = await LocalCluster.StartAsync(
                new() { Folder = folder, Checkout = checkout, Silos = options.Silos, ApiPort = options.Port, Environment = Unlimited }, steps, cancel);
            cluster.EndedByItself += (process, id, code) => console.WriteLine(
                $"{process} (process {id}) ended with code {code}: its log is .local/logs/{process}.log, ./run --start {process} starts it again");
            await ServeAsync(cluster, options, steps, file, requests, console, cancel);
        }
        finally
        {
            file.Delete();
        }
        console.WriteLine("stopped");
        return ExitCodes.Success;
    }

    private static async Task ServeAsync(
        LocalCluster cluster, RunOptions options, ISteps steps, RunFile file, StartRequests requests, IAnsiConsole console, CancellationToken cancel)
    {
        try
        {
            using var client = new DemoClient(cluster.ApiUrl, cluster.SandboxUrl, cluster.Tokens.For("alice"));
            if (options.Demo)
                await new StripeDemo(client, cluster.Secrets.StripeWebhookSecret, steps, console).RunAsync(cancel);
            var accounts = await client.StripeAccountsAsync(cancel);
            file.Write(cluster, accounts);
            SayReady(cluster, console);
            await requests.ServeAsync(cluster, console.WriteLine, () => file.Write(cluster, accounts), cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            console.WriteLine("stopping");
        }
    }

    private static void SayReady(LocalCluster cluster, IAnsiConsole console)
    {
        console.WriteLine();
        console.WriteLine("Up; Ctrl-C stops everything.");
        console.WriteLine($"  api            {cluster.ApiUrl}");
        console.WriteLine($"  API reference  {cluster.ApiUrl}/scalar");
        console.WriteLine($"  sandbox        {cluster.SandboxUrl}");
        console.WriteLine("  a token        jq -r .tokens.alice .local/run.json");
    }

    private static void Forget(string folder)
    {
        PostgresFolder.Forget(folder);
        foreach (var kept in new[] { "ports.json", "secrets.json" })
            File.Delete(Path.Combine(folder, kept));
        var sandbox = Path.Combine(folder, ResourceNames.Sandbox);
        if (Directory.Exists(sandbox))
            Directory.Delete(sandbox, recursive: true);
    }
}
