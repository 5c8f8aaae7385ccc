using FinanceIntegrations.Sandbox.Foundation;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Sandbox.Faults;

/// <summary>The faults asked for, oldest first. The first that strikes is the one that happens.</summary>
internal sealed class FaultList(IOptions<SandboxOptions> options)
{
    private readonly Lock _lock = new();
    private readonly Chance _chance = Chance.For(options.Value.Seed, "faults");
    private readonly List<Fault> _faults = [];
    private readonly Dictionary<int, TaskCompletionSource> _removals = [];
    private volatile bool _any;
    private int _lastId;

    public Fault Add(Fault fault)
    {
        lock (_lock)
        {
            fault = fault with { Id = ++_lastId, Struck = 0 };
            _faults.Add(fault);
            _any = true;
            return fault;
        }
    }

    public List<Fault> All()
    {
        lock (_lock) return [.. _faults];
    }

    public bool Remove(int? id)
    {
        lock (_lock)
        {
            var removed = _faults.RemoveAll(fault => id is null || fault.Id == id);
            _any = _faults.Count > 0;
            foreach (var (held, gone) in _removals.Where(removal => id is null || removal.Key == id).ToList())
            {
                _removals.Remove(held);
                gone.SetResult();
            }
            return removed > 0;
        }
    }

    /// <summary>Ends when there is no fault of that id any more.</summary>
    public Task RemovalOf(int id)
    {
        lock (_lock)
        {
            if (!_faults.Exists(fault => fault.Id == id)) return Task.CompletedTask;
            if (!_removals.TryGetValue(id, out var gone)) _removals.Add(id, gone = new(TaskCreationOptions.RunContinuationsAsynchronously));
            return gone.Task;
        }
    }

    public Fault? Strike(string provider, string method, string path, string query)
    {
        if (!_any) return null;
        lock (_lock)
        {
            for (var i = 0; i < _faults.Count; i++)
            {
                var fault = _faults[i];
                if (fault.Provider != provider || !path.StartsWith(fault.Path, StringComparison.Ordinal)) continue;
                if (!query.AsSpan().TrimStart('?').StartsWith(fault.Query, StringComparison.Ordinal)) continue;
                if (fault.Method is { } only && !only.Equals(method, StringComparison.OrdinalIgnoreCase)) continue;
                if (fault.Times >= 0 && fault.Struck >= fault.Times) continue;
                if (fault.After > 0)
                {
                    _faults[i] = fault with { After = fault.After - 1 };
                    continue;
                }
                if (fault.Probability is { } probability && !_chance.Happens(probability)) continue;
                return _faults[i] = fault with { Struck = fault.Struck + 1 };
            }
            return null;
        }
    }
}
