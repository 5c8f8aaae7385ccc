using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Sandbox.Requests;

/// <summary>One request to a provider route. Status is 0 until it was answered, and stays so where nothing was; bodies and secrets are never kept.</summary>
internal sealed class LoggedRequest
{
    public required long Sequence { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string Provider { get; init; }
    public required string Method { get; init; }
    public required string Path { get; init; }
    public required string Query { get; init; }
    public string? Account { get; set; }
    public int Status { get; set; }
    public string? Fault { get; set; }
}

/// <summary>Marks a request whose connection is dropped from here: of that the request itself is told only later.</summary>
internal sealed record Unanswered;

/// <summary>The newest requests in order of arrival, in a ring.</summary>
internal sealed class RequestLog(IOptions<SandboxOptions> options, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly LoggedRequest?[] _ring = new LoggedRequest?[options.Value.RequestLogSize];
    private long _next = 1;
    private long _first = 1;

    public LoggedRequest Begin(string provider, string method, string path, string query)
    {
        var at = clock.GetUtcNow();
        lock (_lock)
        {
            var request = new LoggedRequest { Sequence = _next, At = at, Provider = provider, Method = method, Path = path, Query = query };
            _ring[_next++ % _ring.Length] = request;
            return request;
        }
    }

    public List<LoggedRequest> Read(string? provider, string? path, long since)
    {
        lock (_lock)
        {
            var found = new List<LoggedRequest>();
            for (var sequence = Math.Max(Math.Max(_first, since + 1), _next - _ring.Length); sequence < _next; sequence++)
            {
                var request = _ring[sequence % _ring.Length]!;
                if (provider is not null && request.Provider != provider) continue;
                if (path is not null && !request.Path.StartsWith(path, StringComparison.Ordinal)) continue;
                found.Add(request);
            }
            return found;
        }
    }

    public void Clear()
    {
        lock (_lock) _first = _next;
    }
}
