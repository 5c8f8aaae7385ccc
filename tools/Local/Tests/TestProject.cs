using System.Xml.Linq;
using FinanceIntegrations.Local.Services;

namespace FinanceIntegrations.Local.Tests;

/// <summary>One test executable, and how it is run.</summary>
internal sealed record TestProject(string Name, string Assembly)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(12);
    private static readonly string[] Low = ["nice", "-n", "10"];
    private static readonly TimeSpan LongLimit = TimeSpan.FromMinutes(150);

    /// <summary>The projects below tests/ that say of themselves that they are tests.</summary>
    public static IReadOnlyList<TestProject> All(string checkout) =>
        [.. Directory.GetFiles(Path.Combine(checkout, "tests"), "*.csproj", SearchOption.AllDirectories)
            .Where(path => XDocument.Load(path).Descendants("IsTestProject").Any(element => element.Value == "true"))
            .Order(StringComparer.Ordinal)
            .Select(path => new TestProject(Path.GetFileNameWithoutExtension(path), AssemblyOf(path)))];

    /// <summary>Runs it; what it prints beside its counts goes to the person as it comes. No report and a bad exit count as one failure.</summary>
    /// <param name="folder">Where its log and its report go.</param>
    /// <param name="options">How the person wants it.</param>
    /// <param name="low">It gives way to everything else on this machine.</param>
    /// <param name="says">Takes what it prints.</param>
    /// <param name="cancel">Stops it.</param>
    public async Task<TestCounts> RunAsync(string folder, TestOptions options, bool low, Action<string> says, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        var report = Path.Combine(folder, Name + ".xml");
        File.Delete(report);
        var limit = options.Long ? LongLimit : Limit;
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limited.CancelAfter(limit);
        await using var process = LocalProcess.Start(new()
        {
            Name = Name,
            Command = [.. low ? Low : [], Builds.Dotnet, Assembly, "-noLogo", "-noColor", "-result-xml", report, .. options.RunnerArguments],
            LogPath = NewLog(folder),
            Environment = options.Long ? new Dictionary<string, string> { ["FI_LONG"] = "1" } : new Dictionary<string, string>(),
            WorkingDirectory = Path.GetDirectoryName(Assembly),
            StopSignal = Signal.Interrupt,
        });
        try
        {
            await LogFollower.FollowAsync(process, says, limited.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            says($"{Name} did not end within {limit.TotalMinutes:0} minutes and was stopped; its last lines:\n{process.LogTail()}");
            return new(0, 1, 0);
        }
        var code = await process.Exited;
        var counts = TestCounts.Read(report);
        if (counts is null || (code != 0 && counts.Failed == 0))
        {
            says($"{Name} ended with code {code} without saying which test failed; its last lines:\n{process.LogTail()}");
            return (counts ?? TestCounts.None) + new TestCounts(0, 1, 0);
        }
        return counts;
    }

    private static string AssemblyOf(string project) => Path.Combine(
        Path.GetDirectoryName(project)!, "bin", "Release", "net10.0", $"FinanceIntegrations.{Path.GetFileNameWithoutExtension(project)}.dll");

    private string NewLog(string folder)
    {
        var path = Path.Combine(folder, Name + ".log");
        File.Delete(path);
        return path;
    }
}
