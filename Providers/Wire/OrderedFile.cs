using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;

namespace FinanceIntegrations.Providers.Wire;

/// <summary>A file of an order with its bytes, which are those that were ordered.</summary>
internal readonly record struct OrderedFile(EvidenceFile File, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>All of them, or why the order cannot be sent: a file is gone, or is not the one that was ordered. Nothing was sent then.</summary>
    public static async Task<ProviderResult<IReadOnlyList<OrderedFile>>> ReadAsync(
        IReadOnlyList<EvidenceFile> ordered, IOrderFiles files, CancellationToken cancel)
    {
        var read = new List<OrderedFile>(ordered.Count);
        foreach (var file in ordered)
        {
            if (await files.ReadAsync(file.Id, cancel) is not { } bytes)
                return new ProviderError(ErrorClass.Validation, "file_gone", "A file of the order is not there any more: nothing was sent.");
            if (bytes.Length != file.Size || EvidenceRules.Hash(bytes.Span) != file.Sha256)
                return new ProviderError(ErrorClass.Validation, "file_changed", "A file is not the one that was ordered: nothing was sent.");
            read.Add(new(file, bytes));
        }
        return read;
    }
}
