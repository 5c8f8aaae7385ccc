using System.Diagnostics;

namespace FinanceIntegrations.Benchmarks;

/// <summary>Sends each event once over a fixed number of connections, as fast as it goes or at a rate.</summary>
/// <param name="rate">Events per second; 0: as fast as it goes.</param>
internal sealed class WebhookLoad(Uri address, SignedEvent[] events, int connections, int rate)
{
    private readonly byte[][] _requests = [.. events.AsParallel().AsOrdered().Select(one => LoadConnection.Request(address, one))];
    private readonly double[] _milliseconds = new double[events.Length];
    private int _next = -1;
    private int _accepted;
    private int _refused;

    public int Accepted => _accepted;

    public int Refused => _refused;

    public async Task RunAsync()
    {
        var open = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => LoadConnection.OpenAsync(address)));
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(open.Select(connection => Task.Run(() => SendAsync(connection, started))));
        foreach (var connection in open) connection.Dispose();
        Array.Sort(_milliseconds);
    }

    /// <summary>The time of an answer, in milliseconds, that this part of them did not exceed.</summary>
    public double Percentile(double part) => _milliseconds[(int)(part * (_milliseconds.Length - 1))];

    private async Task SendAsync(LoadConnection connection, long started)
    {
        while (Interlocked.Increment(ref _next) is var i && i < _requests.Length)
        {
            if (rate > 0)
            {
                var wait = TimeSpan.FromSeconds((double)i / rate) - Stopwatch.GetElapsedTime(started);
                if (wait > TimeSpan.Zero) await Task.Delay(wait);
            }
            var at = Stopwatch.GetTimestamp();
            var status = await connection.SendAsync(_requests[i]);
            _milliseconds[i] = Stopwatch.GetElapsedTime(at).TotalMilliseconds;
            if (status == 200) Interlocked.Increment(ref _accepted);
            else Interlocked.Increment(ref _refused);
        }
    }
}
