using FinanceIntegrations.Domain.Budgets;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Grains.Sync;

/// <summary>How many runs work at one time on this silo, shared among the lanes; the others wait their turn, the most urgent first.</summary>
internal sealed class SyncLimit(IOptions<SyncOptions> options)
{
    private readonly Lock _gate = new();
    private readonly int[] _running = new int[Lanes.Count];
    private readonly LinkedList<TaskCompletionSource>[] _waiting = [new(), new(), new(), new()];

    public async Task<IDisposable> EnterAsync(Lane lane, CancellationToken cancel)
    {
        if (Enqueue(lane) is { } place)
            try
            {
                await place.Value.Task.WaitAsync(cancel);
            }
            catch (OperationCanceledException)
            {
                GiveUp(lane, place);
                throw;
            }
        return new Slot(this, lane);
    }

    /// <returns>Null: it may run at once.</returns>
    private LinkedListNode<TaskCompletionSource>? Enqueue(Lane lane)
    {
        lock (_gate)
        {
            if (_waiting[(int)lane].Count == 0 && HasRoom(lane))
            {
                _running[(int)lane]++;
                return null;
            }
            return _waiting[(int)lane].AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    /// <summary>Its turn may have come at the same moment: then somebody else's comes.</summary>
    private void GiveUp(Lane lane, LinkedListNode<TaskCompletionSource> place)
    {
        lock (_gate)
        {
            if (place.List is { } waiting) waiting.Remove(place);
            else Leave(lane);
        }
    }

    private void Leave(Lane lane)
    {
        lock (_gate)
        {
            _running[(int)lane]--;
            for (var next = Lane.Person; next <= Lane.Backfill; next++)
                while (_waiting[(int)next].First is { } first && HasRoom(next))
                {
                    _waiting[(int)next].RemoveFirst();
                    _running[(int)next]++;
                    first.Value.SetResult();
                }
        }
    }

    private bool HasRoom(Lane lane) => Lanes.Room(options.Value.MaxRunsPerSilo, _running, lane) > 0;

    private sealed class Slot(SyncLimit limit, Lane lane) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) limit.Leave(lane);
        }
    }
}
