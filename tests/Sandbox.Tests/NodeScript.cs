using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests;

/// <summary>A provider's own Node library, as npm gives it, and a script that uses it.</summary>
internal static class NodeScript
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Installs what the folder names and runs its <c>read.mjs</c>. Without npm, or its registry, the test is skipped.</summary>
    /// <returns>What the script wrote, read as JSON.</returns>
    public static async Task<JsonNode> RunAsync(string folder, params string[] arguments)
    {
        folder = Path.Combine(AppContext.BaseDirectory, folder);
        var installed = await RunAsync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], folder);
        Assert.SkipWhen(installed is null, "npm is not on the PATH.");
        Assert.SkipUnless(installed!.Value.Code == 0, $"npm ci failed: {installed.Value.Output}");
        var run = await RunAsync("node", ["read.mjs", .. arguments], folder);
        Assert.True(run!.Value.Code == 0, run.Value.Output);
        return JsonNode.Parse(run.Value.Output)!;
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
