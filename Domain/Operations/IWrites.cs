using FinanceIntegrations.Domain.Providers;

namespace FinanceIntegrations.Domain.Operations;

/// <summary>A connector that changes something at the provider. Each order is sent once, and found again by our own reference.</summary>
public interface IWrites
{
    /// <summary>Of <see cref="WriteKinds"/>: what the provider lets us do.</summary>
    IReadOnlySet<string> Kinds { get; }

    /// <summary>Sends the order, once. Of several calls the last one alone decides: what goes before it changes nothing by itself.</summary>
    /// <param name="files">Where the bytes of the order's files are had.</param>
    /// <returns>
    /// <see cref="ErrorClass.OutcomeUnknown"/>: it may have happened, see <see cref="LookUpAsync"/>. Any other error: it has surely not happened.
    /// </returns>
    Task<ProviderResult<WriteReceipt>> SendAsync(ProviderAccess access, WriteOrder order, WriteMark mark, IOrderFiles files, CancellationToken cancel);

    /// <summary>Reads whether an order of which no answer came has happened. Changes nothing.</summary>
    /// <returns>An error: it cannot be told now.</returns>
    Task<ProviderResult<WriteSighting>> LookUpAsync(ProviderAccess access, WriteOrder order, WriteMark mark, CancellationToken cancel);
}

/// <summary>The bytes of an order's files, which do not travel with it.</summary>
public interface IOrderFiles
{
    /// <param name="file">The id of an <see cref="EvidenceFile"/>.</param>
    /// <returns>Null: it is not there any more.</returns>
    Task<ReadOnlyMemory<byte>?> ReadAsync(Guid file, CancellationToken cancel);
}

/// <summary>By what an order is known, to us and to the provider.</summary>
/// <param name="Reference">Ours: at most 32 characters of [0-9a-z], unique. Stands in the object at the provider, where that has a place for it.</param>
/// <param name="IdempotencyKey">The provider's guard against the same order coming twice; the same at every sending. At most 45 characters of [0-9a-z-].</param>
/// <param name="Since">Not sent before.</param>
public sealed record WriteMark(string Reference, string IdempotencyKey, DateTimeOffset Since);

/// <summary>It has happened.</summary>
/// <param name="ExternalId">The object at the provider that was made or changed.</param>
/// <param name="Status">The object's, in the words of the unified model.</param>
public sealed record WriteReceipt(string ExternalId, string Status);

/// <param name="Receipt">Null: the provider shows nothing of the order.</param>
public sealed record WriteSighting(WriteReceipt? Receipt)
{
    public static readonly WriteSighting Nothing = new((WriteReceipt?)null);
}
