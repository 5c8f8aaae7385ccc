using FinanceIntegrations.Local.Services;

namespace FinanceIntegrations.Testing;

/// <summary>One temporary Redis for a test assembly.</summary>
public sealed class RedisFixture : IAsyncDisposable
{
    private readonly RedisServer _server;
    private readonly string _folder;

    private RedisFixture(RedisServer server, string folder) => (_server, _folder) = (server, folder);

    public string ConnectionString => _server.ConnectionString;

    public static async Task<RedisFixture> StartAsync(CancellationToken cancel = default)
    {
        await Packages.EnsureAsync(_ => { }, cancel);
        var folder = await TemporaryFolder.CreateAsync(cancel);
        return new(await RedisServer.StartAsync(folder, cancel: cancel), folder);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
