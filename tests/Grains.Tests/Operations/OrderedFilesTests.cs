using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Grains.Operations;
using Xunit;

namespace FinanceIntegrations.Grains.Tests.Operations;

/// <summary>What was ordered is what is sent.</summary>
public sealed class OrderedFilesTests
{
    private static readonly byte[] Receipt = [.. "%PDF-1.7"u8];
    private static readonly EvidenceFile Ordered = new(Guid.CreateVersion7(), EvidencePurposes.Receipt, "a.pdf", "application/pdf", 8, EvidenceRules.Hash(Receipt));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_files_of_the_order_are_handed_out_as_they_are_stored()
    {
        var files = new OrderedFiles(new Stored(Receipt), new SubmitEvidence("dp_1", new() { Files = [Ordered] }));
        Assert.Equal(Receipt, (await files.ReadAsync(Ordered.Id, Cancel))!.Value.ToArray());
    }

    [Fact]
    public async Task Other_bytes_than_were_ordered_and_files_that_were_not_are_not_handed_out()
    {
        var order = new SubmitEvidence("dp_1", new() { Files = [Ordered] });
        Assert.Null(await new OrderedFiles(new Stored([.. Receipt, 1]), order).ReadAsync(Ordered.Id, Cancel));
        Assert.Null(await new OrderedFiles(new Stored(null), order).ReadAsync(Ordered.Id, Cancel));
        Assert.Null(await new OrderedFiles(new Stored(Receipt), order).ReadAsync(Guid.CreateVersion7(), Cancel));
        Assert.Null(await new OrderedFiles(new Stored(Receipt), new AcceptDispute("dp_1")).ReadAsync(Ordered.Id, Cancel));
    }

    private sealed class Stored(byte[]? content) : IOrderFiles
    {
        public Task<ReadOnlyMemory<byte>?> ReadAsync(Guid file, CancellationToken cancel) =>
            Task.FromResult(content is null ? (ReadOnlyMemory<byte>?)null : content);
    }
}
