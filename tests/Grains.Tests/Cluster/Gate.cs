namespace FinanceIntegrations.Grains.Tests.Cluster;

/// <summary>A place where calls wait until the test lets them on.</summary>
public sealed class Gate
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _arrivals;

    /// <summary>Calls that have come so far, waiting or gone on.</summary>
    public int Arrivals => Volatile.Read(ref _arrivals);

    public void Open() => _opened.TrySetResult();

    public async Task PassAsync(CancellationToken cancel = default)
    {
        Interlocked.Increment(ref _arrivals);
        await _opened.Task.WaitAsync(cancel);
    }
}
