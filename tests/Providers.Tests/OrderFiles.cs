using FinanceIntegrations.Domain.Operations;

namespace FinanceIntegrations.Providers.Tests;

/// <summary>The bytes of an order's files, as a test lays them down.</summary>
internal sealed class OrderFiles : IOrderFiles
{
    public static readonly OrderFiles None = new();

    private readonly Dictionary<Guid, byte[]> _files = [];

    /// <summary>What an order says of a file with those bytes.</summary>
    public static EvidenceFile Describe(Guid id, string purpose, string name, string mediaType, byte[] bytes) =>
        new(id, purpose, name, mediaType, bytes.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)));

    public OrderFiles With(Guid id, byte[] bytes)
    {
        _files[id] = bytes;
        return this;
    }

    public Task<ReadOnlyMemory<byte>?> ReadAsync(Guid file, CancellationToken cancel) =>
        Task.FromResult(_files.TryGetValue(file, out var bytes) ? bytes : (ReadOnlyMemory<byte>?)null);   // a null array would be an empty file
}
