using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace FinanceIntegrations.Benchmarks.Schedule;

/// <summary>Listens to the product's own metric: seconds from a sync's due time to its start.</summary>
internal sealed class Lateness : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<double> _seconds = new();

    public Lateness()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "finance_integrations.sync.lateness") listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => _seconds.Enqueue(seconds));
        _listener.Start();
    }

    public int Count => _seconds.Count;

    public void Forget() => _seconds.Clear();

    public string Describe()
    {
        double[] sorted = [.. _seconds.Order()];
        return sorted.Length == 0
            ? "no sync was due"
            : $"{Bench.N(sorted.Length)} syncs began, late by p50 {At(sorted, 0.5)}, p99 {At(sorted, 0.99)}, most {At(sorted, 1)}";
    }

    public void Dispose() => _listener.Dispose();

    private static string At(double[] sorted, double part) => Bench.N(sorted[(int)(part * (sorted.Length - 1))], "N2") + " s";
}
