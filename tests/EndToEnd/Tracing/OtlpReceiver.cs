using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace FinanceIntegrations.EndToEnd.Tracing;

/// <param name="Service">The resource's <c>service.name</c>.</param>
/// <param name="Source">The name of the instrumentation that made it.</param>
internal sealed record CollectedSpan(string TraceId, string Service, string Source, string Name);

/// <summary>The least collector there can be: OTLP over HTTP in protobuf, on loopback (opentelemetry-proto, trace/v1/trace.proto).</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<byte[]> _bodies = new();
    private readonly ConcurrentQueue<CollectedSpan> _spans = new();
    private readonly HttpListener _listener = new();
    private readonly Task _receiving;

    public OtlpReceiver()
    {
        Address = $"http://127.0.0.1:{FreePort()}";
        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _receiving = ReceiveAsync();
    }

    /// <summary>What tells a process to send here, often.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Address,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "500",
        ["OTEL_BSP_MAX_QUEUE_SIZE"] = "16384",
    };

    public IReadOnlyCollection<CollectedSpan> Spans => _spans;

    /// <summary>Everything that arrived, as it came: spans, logs, metrics.</summary>
    public IReadOnlyCollection<byte[]> Bodies => _bodies;

    private string Address { get; }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _receiving;
    }

    private async Task ReceiveAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                await TakeAsync(await _listener.GetContextAsync());
            }
            catch (Exception ended) when (ended is HttpListenerException or ObjectDisposedException)
            {
                // Closed, or a sender that did not wait.
            }
        }
    }

    private async Task TakeAsync(HttpListenerContext http)
    {
        using var whole = new MemoryStream();
        await http.Request.InputStream.CopyToAsync(whole);
        http.Response.Close();
        var body = whole.ToArray();
        _bodies.Enqueue(body);
        if (http.Request.Url?.AbsolutePath != "/v1/traces") return;
        foreach (var resource in Inner(body, 1)) Take(resource);
    }

    private void Take(ReadOnlyMemory<byte> resourceSpans)
    {
        var attributes = Inner(resourceSpans, 1).SelectMany(resource => Inner(resource, 1));
        var service = attributes.Where(pair => Text(pair, 1) == "service.name").SelectMany(pair => Inner(pair, 2)).Select(value => Text(value, 1)).First();
        foreach (var scope in Inner(resourceSpans, 2))
        {
            var source = Inner(scope, 1).Select(named => Text(named, 1)).FirstOrDefault("");
            foreach (var span in Inner(scope, 2))
                _spans.Enqueue(new(ProtobufReader.Fields(span).First(field => field.Number == 1).Hex, service, source, Text(span, 5)));
        }
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Inner(ReadOnlyMemory<byte> message, int number) =>
        ProtobufReader.Fields(message).Where(field => field.Number == number).Select(field => field.Bytes);

    private static string Text(ReadOnlyMemory<byte> message, int number) =>
        ProtobufReader.Fields(message).Where(field => field.Number == number).Select(field => field.Text).FirstOrDefault("");

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
