namespace FinanceIntegrations.Local.Services;

/// <summary>
/// Which processes of ours run, kept on disk, so that the next start ends those that outlived a killed owner. Each has its own watcher for
/// that; this is for the case that the watcher was killed too, and to wait for one that is still at work.
/// </summary>
internal sealed class ProcessJournal(string folder)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly string _path = Path.Combine(folder, "processes.json");
    private readonly Dictionary<string, Entry> _entries = [];

    /// <summary>Ends what an earlier owner left. Whoever has one of the recorded ids but another command line is left alone.</summary>
    public async Task EndLeftoversAsync(CancellationToken cancel)
    {
        var left = StateFile.Read<Dictionary<string, Entry>>(_path) ?? [];
        foreach (var entry in left.Values.OrderByDescending(entry => entry.Order))
        {
            if (!await entry.RunsAsync(cancel))
                continue;
            Posix.Send(entry.Id, (Signal)entry.StopSignal);
            for (var waited = TimeSpan.Zero; await entry.RunsAsync(cancel); waited += Pause)
            {
                if (waited > TimeSpan.FromSeconds(entry.GraceSeconds))
                    Posix.Send(entry.Id, Signal.Kill);
                await Task.Delay(Pause, cancel);
            }
        }
        Write();
    }

    public void Add(LocalProcess process)
    {
        lock (_entries)
        {
            // What the command line must still contain: the program itself may show under another name (redis-server rewrites it).
            var mark = process.Plan.Command.FirstOrDefault(part => part.EndsWith(".dll", StringComparison.Ordinal)) ?? process.Name;
            var grace = (int)process.Plan.Grace.TotalSeconds;
            _entries[process.Name] = new(process.Id, mark, (int)process.Plan.StopSignal, grace, _entries.Count);
            Write();
        }
    }

    public void Remove(LocalProcess process)
    {
        lock (_entries)
        {
            if (_entries.GetValueOrDefault(process.Name)?.Id == process.Id && _entries.Remove(process.Name))
                Write();
        }
    }

    private void Write() => StateFile.Write(_path, _entries);

    internal sealed record Entry(int Id, string Mark, int StopSignal, int GraceSeconds, int Order)
    {
        public async Task<bool> RunsAsync(CancellationToken cancel) =>
            (await Posix.CommandLineAsync(Id, cancel))?.Contains(Mark, StringComparison.Ordinal) == true;
    }
}
