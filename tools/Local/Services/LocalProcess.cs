using System.Diagnostics;
using System.Globalization;

namespace FinanceIntegrations.Local.Services;

/// <summary>
/// A process of ours. It runs in a session of its own, so that Ctrl-C at the terminal reaches only whoever owns it, and it ends when its
/// owner does, even by kill -9: see <see cref="LaunchScript"/>.
/// </summary>
public sealed class LocalProcess : IAsyncDisposable
{
    private const int TailLines = 15;
    private const int DeathLines = 200;
    private readonly Process _process;
    private readonly long _logBegin;

    private LocalProcess(ProcessPlan plan, Process process, long logBegin)
    {
        Plan = plan;
        (_process, _logBegin) = (process, logBegin);
        Id = process.Id;
        Exited = AwaitExitAsync();
    }

    public ProcessPlan Plan { get; }

    public string Name => Plan.Name;

    public int Id { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>Ends with the process, and carries its exit code (128 + signal if a signal ended it).</summary>
    public Task<int> Exited { get; }

    public static LocalProcess Start(ProcessPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        Directory.CreateDirectory(Path.GetDirectoryName(plan.LogPath)!);
        var grace = ((int)plan.Grace.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo { RedirectStandardInput = true, WorkingDirectory = plan.WorkingDirectory ?? "" };
        string[] shell = ["/bin/sh", "-c", LaunchScript.Text, plan.Name, plan.LogPath, $"{(int)plan.StopSignal}", grace, .. plan.Command];
        // setsid keeps the process id: it forks only for a group's leader, which a child just born is not. macOS has none.
        var command = Command.Find("setsid") is { } setsid ? [setsid, .. shell] : shell;
        start.FileName = command[0];
        foreach (var argument in command.Skip(1))
            start.ArgumentList.Add(argument);
        foreach (var (key, value) in plan.Environment)
            start.Environment[key] = value;
        var before = new FileInfo(plan.LogPath) is { Exists: true } log ? log.Length : 0;
        return new(plan, Process.Start(start)!, before);
    }

    /// <summary>Asks it to stop, waits for its grace, then kills it. Does nothing to one that has ended.</summary>
    public async Task StopAsync()
    {
        if (!HasExited)
            Posix.Send(Id, Plan.StopSignal);
        using var grace = new CancellationTokenSource(Plan.Grace);
        try
        {
            await Exited.WaitAsync(grace.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
        }
    }

    /// <summary>kill -9, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await Exited;
    }

    /// <summary>What its log ends with, for a message: the exception it died of, or the last lines. What others wrote there before it is not its.</summary>
    public string LogTail()
    {
        if (!File.Exists(Plan.LogPath))
            return "(no log)";
        using var log = new FileStream(Plan.LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        log.Seek(Math.Min(_logBegin, log.Length), SeekOrigin.Begin);
        using var lines = new StreamReader(log);
        var last = LinesOf(lines).TakeLast(DeathLines).ToList();
        var death = last.FindLastIndex(line => line.StartsWith("Unhandled exception", StringComparison.Ordinal));
        return string.Join('\n', death < 0 ? last.TakeLast(TailLines) : last.Skip(death).Take(TailLines));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }

    private static IEnumerable<string> LinesOf(StreamReader reader)
    {
        while (reader.ReadLine() is { } line) yield return line;
    }

    private async Task<int> AwaitExitAsync()
    {
        await _process.WaitForExitAsync();
        var code = _process.ExitCode;
        try
        {
            // A word instead of the end of the pipe: the watcher leaves without a signal to an id that may soon be another's.
            await _process.StandardInput.WriteLineAsync("ended");
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The watcher was killed: nobody is left to tell.
        }
        return code;
    }
}
