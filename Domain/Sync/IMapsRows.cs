using FinanceIntegrations.Domain.Records;

namespace FinanceIntegrations.Domain.Sync;

/// <summary>A connector that can map a row again from its raw payload alone. Calls nobody.</summary>
public interface IMapsRows
{
    /// <summary>Maps a row that was parked. Never throws for what is in it.</summary>
    MappedRow MapAgain(RawRow row);
}

/// <param name="ExternalAccountId">Whose data it is at the provider.</param>
/// <param name="AsOf">Since when the row is in this state, by the provider's clock.</param>
public sealed record RawRow(string Stream, string? ExternalAccountId, ReadOnlyMemory<byte> Raw, DateTimeOffset AsOf);

/// <param name="Records">What the row has become; a row may hold several records.</param>
/// <param name="Rejected">Why it still does not fit; null: it fits, and what was parked may go.</param>
public sealed record MappedRow(IReadOnlyList<UnifiedRecord> Records, RejectedRow? Rejected);
