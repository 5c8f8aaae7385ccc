using FinanceIntegrations.Domain.Operations;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>No order has files yet.</summary>
internal sealed class NoFiles : IOrderFiles
{
    public static readonly NoFiles Instance = new();

    public Task<ReadOnlyMemory<byte>?> ReadAsync(Guid file, CancellationToken cancel) => Task.FromResult<ReadOnlyMemory<byte>?>(null);
}
