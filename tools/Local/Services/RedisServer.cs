using System.Net.Sockets;

namespace FinanceIntegrations.Local.Services;

/// <summary>A Redis on loopback that keeps nothing on disk: all it holds may be lost.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(15);

    private RedisServer(LocalProcess process, int port)
    {
        Process = process;
        Port = port;
    }

    public LocalProcess Process { get; }

    public int Port { get; }

    public string ConnectionString => ConnectionStringFor(Port);

    internal static string ConnectionStringFor(int port) => $"127.0.0.1:{port},abortConnect=false";

    /// <param name="folder">Where its log goes.</param>
    /// <param name="port">0 for any free one.</param>
    public static async Task<RedisServer> StartAsync(string folder, int port = 0, CancellationToken cancel = default)
    {
        port = port == 0 ? FreePorts.Next([]) : port;
        var program = Packages.RedisProgram() ?? throw new LocalStartException(Packages.HowToInstall);
        var process = LocalProcess.Start(new()
        {
            Name = "redis",
            Command =
            [
                program, "--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                "--dir", Path.GetTempPath(), "--maxmemory", "256mb", "--maxmemory-policy", "allkeys-lru",
            ],
            LogPath = Path.Combine(folder, "redis.log"),
            Grace = TimeSpan.FromSeconds(5),
        });
        await Readiness.AwaitAsync(process, StartLimit, token => AnswersAsync(port, token), cancel);
        return new(process, port);
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private static async Task<bool> AnswersAsync(int port, CancellationToken cancel)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, cancel);
        var stream = client.GetStream();
        await stream.WriteAsync("PING\r\n"u8.ToArray(), cancel);
        var answer = new byte[7];
        await stream.ReadExactlyAsync(answer, cancel);
        return answer.AsSpan().StartsWith("+PONG"u8);
    }
}
