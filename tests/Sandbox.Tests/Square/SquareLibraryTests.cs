using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests.Square;

/// <summary>Square's own Node library, unchanged, against the sandbox.</summary>
public sealed class SquareLibraryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_Node_library_connects_lists_everything_by_itself_and_disconnects()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Square", "node");
        var installed = await RunAsync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], folder);
        Assert.SkipWhen(installed is null, "npm is not on the PATH.");
        Assert.SkipUnless(installed!.Value.Code == 0, $"npm ci failed: {installed.Value.Output}");
        await using var seller = await SquareSeller.StartAsync(400, connect: false);
        foreach (var kind in new[] { "refund", "dispute" }) await seller.AdvanceAsync(kind, 4);
        var books = await seller.BooksAsync();

        var code = (await seller.AuthorizeAsync())["code"];
        var run = await RunAsync("node", ["read.mjs", $"{seller.Sandbox.Url}/square", SquareSeller.ClientId, SquareSeller.Secret, code, RunningSandbox.Callback], folder);
        Assert.True(run!.Value.Code == 0, run.Value.Output);
        var read = JsonNode.Parse(run.Value.Output)!;

        Assert.Equal((seller.Id, true, true), ((string)read["merchant"]!, (bool)read["kept"]!, (bool)read["net"]!));
        Assert.Equal(SquareSeller.AllScopes.Split(' '), read["scopes"]!.AsArray().Select(scope => (string)scope!));
        foreach (var name in new[] { "payments", "payouts", "refunds", "disputes" })
            Assert.Equal(books[name]!.AsArray().Select(row => (string)row!["id"]!).Order(StringComparer.Ordinal), read[name]!.AsArray().Select(id => (string)id!).Order(StringComparer.Ordinal));
        Assert.NotEmpty(read["entries"]!.AsArray());
        Assert.Equal(("400 INVALID_VALUE", true, "401 ACCESS_TOKEN_REVOKED", true),
            ((string)read["refused"]!, (bool)read["revoked"]!, (string)read["gone"]!, (bool)read["signed"]!));
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
