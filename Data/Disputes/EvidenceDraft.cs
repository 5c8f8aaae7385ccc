using FinanceIntegrations.Domain.Operations;

namespace FinanceIntegrations.Data.Disputes;

/// <summary>What is going to be said about a dispute, with what is at stake.</summary>
public sealed record EvidenceDraft
{
    public required string DisputeId { get; init; }

    public required string DisputeStatus { get; init; }

    public required decimal Amount { get; init; }

    public required string Currency { get; init; }

    public DateTimeOffset? EvidenceDueAt { get; init; }

    /// <summary>Another one at every change; 0: nothing was saved yet.</summary>
    public long Version { get; init; }

    /// <summary>Texts and files.</summary>
    public DisputeEvidence Evidence { get; init; } = new();

    /// <summary>It is being handed in, or was: nothing can be changed any more, unless that fails.</summary>
    public bool Locked { get; init; }

    /// <summary>The newest operation that handed evidence in against this dispute.</summary>
    public Guid? OperationId { get; init; }

    public string? OperationStatus { get; init; }

    public DateTimeOffset? UpdatedAt { get; init; }

    public string? UpdatedBy { get; init; }
}

/// <summary>A file to be added.</summary>
public sealed record NewEvidenceFile(EvidenceFile File, ReadOnlyMemory<byte> Content);

/// <summary>A file's bytes, with what is said of them.</summary>
public sealed record StoredEvidenceFile(string Name, string MediaType, byte[] Content);

/// <summary>The draft after a change, or why nothing was changed.</summary>
/// <param name="Refusal">A stable code: <see cref="DraftRefusals"/>, or one of <see cref="EvidenceRules.RefusesFile"/>.</param>
public sealed record DraftOutcome(EvidenceDraft? Draft, string? Refusal)
{
    /// <summary>The file that was added, or is there already, byte for byte.</summary>
    public EvidenceFile? File { get; init; }
}

public static class DraftRefusals
{
    public const string NotHeld = "dispute_not_found";
    public const string Stale = "evidence_stale";
    public const string Locked = "evidence_locked";
    public const string FileUnknown = "evidence_file_not_found";
    public const string Empty = "evidence_empty";
}
