using System.Diagnostics;
using FinanceIntegrations.Local.Services;

namespace FinanceIntegrations.Local;

/// <summary>Builds what is about to run; the output goes to a log, its errors to the person.</summary>
internal static class SolutionBuild
{
    /// <summary>The processes of <c>./run</c>, without the tests.</summary>
    public const string Product = "tools/Local/Product.slnf";

    public const string Everything = "FinanceIntegrations.sln";

    private const int ErrorsShown = 20;

    public static Task RunAsync(string checkout, string solution, ISteps steps, CancellationToken cancel) =>
        steps.RunAsync("build", says => RunAsync(checkout, solution, says, cancel));

    private static async Task<string> RunAsync(string checkout, string solution, Action<string> says, CancellationToken cancel)
    {
        var logPath = Path.Combine(LocalFolder.Of(checkout), "logs", "build.log");
        Directory.CreateDirectory(Path.GetDirectoryName(logPath)!);
        await using var log = new StreamWriter(logPath);
        var errors = new List<string>();
        var built = 0;
        var start = new ProcessStartInfo(
            Builds.Dotnet, ["build", solution, "-c", "Release", "--nologo", "-v", "minimal", "-tl:off", "-nodeReuse:false"])
        {
            WorkingDirectory = checkout,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            while (await process.StandardOutput.ReadLineAsync(cancel) is { } line)
            {
                await log.WriteLineAsync(line);
                if (line.Contains(": error ", StringComparison.Ordinal) && !errors.Contains(line.Trim()))
                    errors.Add(line.Trim());
                if (line.Split(" -> ") is [var project, _])
                {
                    built++;
                    says(project.Trim());
                }
            }
            await process.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        if (process.ExitCode != 0)
            throw new LocalStartException($"{string.Join('\n', errors.Take(ErrorsShown))}\nthe build failed; all of it is in {logPath}");
        return $"{built} projects";
    }
}
