using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace FinanceIntegrations.Sandbox.OAuth;

/// <summary>One refresh token that was presented. Tokens stand in it by their fingerprint: the first 8 bytes of the SHA-256.</summary>
internal sealed record RefreshEntry(
    long Sequence, DateTimeOffset At, string Provider, string? Account, string? Family, string Presented, string? Issued, string Outcome);

/// <summary>Every refresh in the order of its effect, whether or not its answer arrived: from it a test computes which token lives.</summary>
internal sealed class RefreshLog(TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly List<RefreshEntry> _entries = [];

    public void Add(string provider, string presented, Grant? grant, string? issued, RefreshOutcome outcome)
    {
        lock (_lock)
            _entries.Add(new(_entries.Count + 1, clock.GetUtcNow(), provider, grant?.Subject, grant?.Family, Fingerprint(presented),
                issued is null ? null : Fingerprint(issued), JsonNamingPolicy.SnakeCaseLower.ConvertName(outcome.ToString())));
    }

    public List<RefreshEntry> Of(string provider, string? account)
    {
        lock (_lock) return [.. _entries.Where(entry => entry.Provider == provider && (account is null || entry.Account == account))];
    }

    private static string Fingerprint(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)).AsSpan(0, 8));
}
