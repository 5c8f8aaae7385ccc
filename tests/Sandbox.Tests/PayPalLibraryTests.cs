using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests;

/// <summary>PayPal's own server SDK for Node, unchanged, against the sandbox.</summary>
public sealed class PayPalLibraryTests
{
    private const string Start = "2026-05-20T00:00:00Z";
    private const string End = "2026-06-17T14:30:00Z";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_server_SDK_authenticates_lists_everything_and_understands_a_refusal()
    {
        await using var sandbox = await RunningSandbox.StartAsync();
        var folder = Path.Combine(AppContext.BaseDirectory, "node-paypal");
        var installed = await RunAsync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], folder);
        Assert.SkipWhen(installed is null, "npm is not on the PATH.");
        Assert.SkipUnless(installed!.Value.Code == 0, $"npm ci failed: {installed.Value.Output}");
        var port = new Uri(sandbox.Url).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var run = await RunAsync("node", ["read.mjs", port, "paypal-sandbox", "paypal-sandbox-secret", Start, End], folder);
        Assert.True(run!.Value.Code == 0, run.Value.Output);
        var read = JsonNode.Parse(run.Value.Output)!;

        var own = (await sandbox.ControlAsync("/control/paypal/accounts")).AsArray().Single(one => (bool)one!["own"]!)!;
        var books = await sandbox.ControlAsync($"/control/paypal/accounts/{own["id"]}/books");
        var expected = books["transactions"]!.AsArray().Select(row => row!["transaction_info"]!)
            .Where(row => string.CompareOrdinal((string)row["transaction_initiation_date"]!, Start) >= 0 && string.CompareOrdinal((string)row["transaction_initiation_date"]!, End) <= 0)
            .Select(row => $"{row["transaction_id"]} {row["transaction_amount"]!["value"]}").ToList();
        Assert.NotEmpty(expected);
        Assert.Equal(expected, read["transactions"]!.AsArray().Select(row => $"{row![0]} {row[1]}"));
        Assert.Equal((string)own["id"]!, (string)read["account"]!);
        Assert.Equal(
            books["balances"]!.AsArray().Select(row => $"{row!["currency"]} {row["total"]}"), read["balances"]!.AsArray().Select(row => $"{row![0]} {row[1]}"));
        Assert.Equal((400, "INVALID_REQUEST"), ((int)read["refused"]!["status"]!, (string)read["refused"]!["name"]!));
        Assert.Equal(["api-m.sandbox.paypal.com"], read["hosts"]!.AsArray().Select(host => (string)host!));
    }

    private static async Task<(int Code, string Output)?> RunAsync(string program, string[] arguments, string folder)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(Cancel);
            var error = process.StandardError.ReadToEndAsync(Cancel);
            await process.WaitForExitAsync(Cancel);
            return (process.ExitCode, process.ExitCode == 0 ? await output : await output + await error);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
