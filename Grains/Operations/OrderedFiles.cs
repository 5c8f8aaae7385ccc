using FinanceIntegrations.Domain.Operations;

namespace FinanceIntegrations.Grains.Operations;

/// <summary>The files of one order, and no others: what was ordered is what is sent, byte for byte.</summary>
internal sealed class OrderedFiles(IOrderFiles stored, WriteOrder order) : IOrderFiles
{
    /// <returns>Null, too, where the bytes are not those that were ordered.</returns>
    public async Task<ReadOnlyMemory<byte>?> ReadAsync(Guid file, CancellationToken cancel)
    {
        if ((order as SubmitEvidence)?.Evidence.Files.FirstOrDefault(one => one.Id == file) is not { } ordered) return null;
        var content = await stored.ReadAsync(file, cancel);
        return content is { } bytes && EvidenceRules.Hash(bytes.Span) == ordered.Sha256 ? content : null;
    }
}
