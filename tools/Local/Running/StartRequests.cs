using FinanceIntegrations.Local.Services;

namespace FinanceIntegrations.Local.Running;

/// <summary>How a second <c>./run --start silo</c> asks the one that is up to start a process again: a file named after it.</summary>
internal sealed class StartRequests(string localFolder)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);
    private readonly string _folder = Path.Combine(localFolder, "start");

    public void Ask(string name)
    {
        if (!RunLock.IsTaken(localFolder))
            throw new LocalStartException("no ./run is up in this checkout");
        Directory.CreateDirectory(_folder);
        File.WriteAllText(Path.Combine(_folder, Path.GetFileName(name)), "");
    }

    /// <summary>Does what it is asked until cancelled. What was asked of an earlier ./run is forgotten.</summary>
    public async Task ServeAsync(LocalCluster cluster, Action<string> says, Action changed, CancellationToken cancel)
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
        Directory.CreateDirectory(_folder);
        using var timer = new PeriodicTimer(Pause);
        while (await timer.WaitForNextTickAsync(cancel))
        {
            foreach (var request in Directory.GetFiles(_folder))
            {
                File.Delete(request);
                says(await StartAsync(cluster, Path.GetFileName(request), cancel));
                changed();
            }
        }
    }

    private static async Task<string> StartAsync(LocalCluster cluster, string name, CancellationToken cancel)
    {
        if (!cluster.Names.Contains(name))
            return $"there is no {name}: {string.Join(", ", cluster.Names)}";
        if (cluster.Processes.ContainsKey(name))
            return $"{name} runs already";
        try
        {
            return $"{name} is up again: {await cluster.StartAsync(name, cancel)}";
        }
        catch (LocalStartException failure)
        {
            return failure.Message;
        }
    }
}
