using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace FinanceIntegrations.Grains.Tests.Cluster;

/// <summary>Counts a provider's webhook deliveries by outcome, as the product's own metric tells them.</summary>
internal sealed class DeliveryOutcomes : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _counts = new();

    public DeliveryOutcomes(string provider)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "finance_integrations.webhooks.deliveries") listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            var told = new Dictionary<string, object?>(tags.ToArray());
            if (Equals(told["provider"], provider)) _counts.AddOrUpdate((string)told["outcome"]!, count, (_, before) => before + count);
        });
        _listener.Start();
    }

    public long this[string outcome] => _counts.GetValueOrDefault(outcome);

    public void Dispose() => _listener.Dispose();
}
