using FinanceIntegrations.Data.Disputes;
using FinanceIntegrations.Domain.Operations;

namespace FinanceIntegrations.Api.Disputes;

/// <summary>A draft of evidence, with what is at stake.</summary>
internal sealed record EvidenceDocument
{
    public required string DisputeId { get; init; }
    public required string DisputeStatus { get; init; }

    /// <summary>The money at stake.</summary>
    public required decimal Amount { get; init; }
    public required string Currency { get; init; }

    /// <summary>Last moment for evidence; null where none can be given any more, or no date is known.</summary>
    public DateTimeOffset? EvidenceDueAt { get; init; }
    public required EvidenceWords Texts { get; init; }
    public required IReadOnlyList<EvidenceFile> Files { get; init; }

    /// <summary>Bytes of all files together, and the most that they may have.</summary>
    public required long FilesSize { get; init; }
    public long FilesSizeLimit => EvidencePurposes.MostBytes;

    /// <summary>As in ETag; 0: nothing was saved yet.</summary>
    public required long Version { get; init; }

    /// <summary>It is being handed in, or was: it can be changed again only if that fails.</summary>
    public required bool Locked { get; init; }

    /// <summary>The newest operation that handed evidence in against this dispute, and its status.</summary>
    public Guid? OperationId { get; init; }
    public string? OperationStatus { get; init; }
    public DateTimeOffset? UpdatedAt { get; init; }
    public string? UpdatedBy { get; init; }

    public static EvidenceDocument Of(EvidenceDraft draft) => new()
    {
        DisputeId = draft.DisputeId,
        DisputeStatus = draft.DisputeStatus,
        Amount = draft.Amount,
        Currency = draft.Currency,
        EvidenceDueAt = draft.EvidenceDueAt,
        Texts = EvidenceWords.Of(draft.Evidence),
        Files = draft.Evidence.Files,
        FilesSize = draft.Evidence.Files.Sum(file => file.Size),
        Version = draft.Version,
        Locked = draft.Locked,
        OperationId = draft.OperationId,
        OperationStatus = draft.OperationStatus,
        UpdatedAt = draft.UpdatedAt,
        UpdatedBy = draft.UpdatedBy,
    };
}

/// <summary>The texts as PUT takes them.</summary>
internal sealed record EvidenceWords(
    string? ProductDescription, string? CustomerName, string? CustomerEmail, string? ServiceDate, string? ShippingCarrier,
    string? ShippingTrackingNumber, string? RefundPolicy, string? Explanation)
{
    public static EvidenceWords Of(DisputeEvidence said) => new(
        said.ProductDescription, said.CustomerName, said.CustomerEmail, said.ServiceDate, said.ShippingCarrier, said.ShippingTrackingNumber,
        said.RefundPolicy, said.Explanation);
}

/// <param name="Version">The draft's, with the file in it.</param>
internal sealed record AddedFile(EvidenceFile File, long Version);
