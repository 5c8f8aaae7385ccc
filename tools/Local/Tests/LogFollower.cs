using FinanceIntegrations.Local.Services;

namespace FinanceIntegrations.Local.Tests;

/// <summary>Passes on what a test executable writes, as it writes it, without the lines that say only that it goes on.</summary>
internal static class LogFollower
{
    private static readonly string[] Noise = ["  Discovering: ", "  Discovered:  ", "  Starting:    ", "  Finished:    ", "=== TEST EXECUTION"];

    public static async Task FollowAsync(LocalProcess process, Action<string> says, CancellationToken cancel)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Read, Share = FileShare.ReadWrite };
        using var reader = new StreamReader(process.Plan.LogPath, options);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        var rest = "";
        while (true)
        {
            // Asked before reading: what is written before the end is read after it.
            var ended = process.Exited.IsCompleted;
            var lines = (rest + await reader.ReadToEndAsync(cancel)).Split('\n');
            rest = lines[^1];
            foreach (var line in lines[..^1].Where(IsNews))
                says(line);
            if (ended)
                return;
            await timer.WaitForNextTickAsync(cancel);
        }
    }

    private static bool IsNews(string line) =>
        line.Length > 0 && !Noise.Any(line.StartsWith) && !line.Contains("  Total: ", StringComparison.Ordinal);
}
