using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Grains.Sync;

/// <summary>How many runs work at one time on this silo; the others wait their turn.</summary>
internal sealed class SyncLimit(IOptions<SyncOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.Value.MaxRunsPerSilo);

    public async Task<IDisposable> EnterAsync(CancellationToken cancel)
    {
        await _slots.WaitAsync(cancel);
        return new Slot(_slots);
    }

    public void Dispose() => _slots.Dispose();

    private sealed class Slot(SemaphoreSlim slots) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) slots.Release();
        }
    }
}
