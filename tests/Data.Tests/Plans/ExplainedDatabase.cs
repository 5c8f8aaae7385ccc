using System.Collections.Concurrent;
using System.Text.Json;
using Npgsql;

namespace FinanceIntegrations.Data.Tests.Plans;

/// <summary>
/// A data source whose server sends the plan of each statement as it runs (auto_explain, as a notice): the product's own text with the
/// product's own parameters, so that no copy of a statement can drift from it.
/// </summary>
internal sealed class ExplainedDatabase : ILoggerProvider
{
    private readonly ConcurrentQueue<JsonElement> _plans = new();
    private readonly ILoggerFactory _logs;

    public ExplainedDatabase(string connection, string planCacheMode)
    {
        _logs = LoggerFactory.Create(logs => logs.SetMinimumLevel(LogLevel.Debug).AddProvider(this));
        Source = PostgresRegistration.CreateDataSource(
            new NpgsqlConnectionStringBuilder(connection)
            {
                Options = $"-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_format=json "
                    + $"-c auto_explain.log_level=notice -c auto_explain.log_nested_statements=on -c plan_cache_mode={planCacheMode}",
                MaxPoolSize = 1,
            }.ConnectionString,
            _logs);
    }

    public NpgsqlDataSource Source { get; }

    /// <summary>Every node of every plan so far.</summary>
    public IReadOnlyList<PlanNode> Nodes => [.. _plans.SelectMany(plan => NodesOf(plan.GetProperty("Plan")))];

    public void Forget() => _plans.Clear();

    public ILogger CreateLogger(string categoryName) => new NoticeReader(_plans);

    public void Dispose() => Source.Dispose();

    private static IEnumerable<PlanNode> NodesOf(JsonElement node)
    {
        yield return new(node.GetProperty("Node Type").GetString()!, Text(node, "Relation Name"), Text(node, "Index Name"),
            node.GetRawText());
        if (!node.TryGetProperty("Plans", out var children)) yield break;
        foreach (var child in children.EnumerateArray().SelectMany(NodesOf)) yield return child;
    }

    private static string? Text(JsonElement node, string name) => node.TryGetProperty(name, out var value) ? value.GetString() : null;

    private sealed class NoticeReader(ConcurrentQueue<JsonElement> plans) : ILogger
    {
        private const string Mark = "plan:\n";

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            var text = formatter(state, exception);
            var at = text.IndexOf(Mark, StringComparison.Ordinal);
            if (at < 0 || !text.Contains("duration:", StringComparison.Ordinal)) return;
            var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(text[(at + Mark.Length)..]));
            plans.Enqueue(JsonElement.ParseValue(ref reader));
        }
    }
}

internal sealed record PlanNode(string Type, string? Table, string? Index, string Text);
