namespace FinanceIntegrations.Grains.Abstractions;

/// <summary>A write to the provider that a user asks for.</summary>
[GenerateSerializer, Immutable, Alias("fi.StartWrite")]
public sealed record StartWrite
{
    /// <summary>Chosen by the caller, and kept: the guard against asking twice, and the reference at the provider.</summary>
    [Id(0)] public required Guid Id { get; init; }

    /// <summary>The order as JSON: see <c>WriteOrderJson</c>.</summary>
    [Id(1)] public required string Order { get; init; }

    /// <summary>The user (<c>sub</c>) who asks.</summary>
    [Id(2)] public required string By { get; init; }
}

/// <summary>The write is under way, or has ended: its row tells.</summary>
[GenerateSerializer, Immutable, Alias("fi.Write")]
public sealed record WriteView([property: Id(0)] Guid OperationId);
