using System.Diagnostics;

namespace FinanceIntegrations.Local.Services;

/// <summary>What a finished command said: its exit code, and standard output and error together.</summary>
internal sealed record CommandResult(int ExitCode, string Output)
{
    public bool Ok => ExitCode == 0;
}

/// <summary>Runs a command to its end.</summary>
internal static class Command
{
    private const int NotFound = 127;

    public static async Task<CommandResult> RunAsync(string file, IReadOnlyList<string> arguments, CancellationToken cancel = default)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            // Not the current folder: another user may run the command, and may not enter it.
            WorkingDirectory = "/",
        };
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return new(NotFound, missing.Message);
        }
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancel);
        var error = process.StandardError.ReadToEndAsync(cancel);
        try
        {
            await process.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return new(process.ExitCode, (await output + await error).Trim());
    }

    /// <summary>As <see cref="RunAsync"/>, but a failure is an exception that carries what the command said.</summary>
    public static async Task<string> MustRunAsync(string file, IReadOnlyList<string> arguments, CancellationToken cancel = default)
    {
        var result = await RunAsync(file, arguments, cancel);
        return result.Ok
            ? result.Output
            : throw new LocalStartException($"{Path.GetFileName(file)} failed with code {result.ExitCode}: {result.Output}");
    }

    /// <summary>The full path of a program on the PATH, or null.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
}
