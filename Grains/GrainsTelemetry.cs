using System.Diagnostics;
using System.Diagnostics.Metrics;
using FinanceIntegrations.Domain.Providers;

namespace FinanceIntegrations.Grains;

/// <summary>This room's spans and metrics. Tags come from small sets; ids stand in spans only.</summary>
internal sealed class GrainsTelemetry : IDisposable
{
    public const string Name = "FinanceIntegrations.Grains";
    public const string LatenessName = "finance_integrations.sync.lateness";

    private readonly Counter<long> _records;
    private readonly Counter<long> _parked;
    private readonly Counter<long> _deliveries;
    private readonly Counter<long> _refreshes;
    private readonly Histogram<double> _runs;
    private readonly Histogram<double> _lateness;

    public GrainsTelemetry(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _records = meter.CreateCounter<long>("finance_integrations.sync.records", "{record}", "Records read from providers and committed.");
        _parked = meter.CreateCounter<long>("finance_integrations.sync.parked", "{row}", "Rows that did not fit.");
        _deliveries = meter.CreateCounter<long>("finance_integrations.webhooks.deliveries", "{delivery}", "Webhook deliveries, by outcome.");
        _refreshes = meter.CreateCounter<long>("finance_integrations.tokens.refreshes", "{refresh}", "Token refreshes, by outcome.");
        _runs = meter.CreateHistogram("finance_integrations.sync.duration", "s", "Length of sync runs.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1, 2, 5, 10, 30, 60, 300, 1800] });
        _lateness = meter.CreateHistogram(LatenessName, "s", "From the moment at which a sync was due to its start.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800] });
    }

    /// <summary>A run that the schedule asked for has begun.</summary>
    /// <param name="late">How long after it was due.</param>
    public void ScheduledRunBegan(string provider, TimeSpan late) =>
        _lateness.Record(Math.Max(0, late.TotalSeconds), new TagList { { "provider", provider } });

    public ActivitySource Spans { get; } = new(Name);

    public void PageWritten(ProviderId provider, string stream, int records, int parked)
    {
        var tags = new TagList { { "provider", provider.Value }, { "stream", stream } };
        _records.Add(records, tags);
        if (parked > 0) _parked.Add(parked, tags);
    }

    public void RunEnded(string provider, string status, TimeSpan elapsed) =>
        _runs.Record(elapsed.TotalSeconds, new TagList { { "provider", provider }, { "status", status } });

    /// <param name="outcome"><c>refreshed</c>, or the error's class.</param>
    public void TokensRefreshed(string provider, string outcome) =>
        _refreshes.Add(1, new TagList { { "provider", provider }, { "outcome", outcome } });

    /// <param name="outcome"><c>done</c> · <c>ignored</c> · <c>failed</c>: is tried again · <c>dead</c>: is not.</param>
    public void Deliveries(string provider, string outcome, int count)
    {
        if (count > 0) _deliveries.Add(count, new TagList { { "provider", provider }, { "outcome", outcome } });
    }

    public void Dispose() => Spans.Dispose();
}
