using System.Text.Json;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.Foundation;

namespace FinanceIntegrations.Sandbox.OAuth;

/// <summary>Every code and token, by its text; survives a restart through the journal.</summary>
internal sealed class GrantStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Grant> _grants = [];
    private readonly Journal _journal;

    public GrantStore(Journal journal)
    {
        _journal = journal;
        foreach (var (topic, entry) in journal.PastOf("oauth."))
        {
            if (topic == "oauth.issued") Put(entry.Deserialize<Grant>()!);
            else if (topic == "oauth.redeemed") Put(_grants[(string)entry["token"]!] with { Redeemed = true });
            else if (topic == "oauth.rotated") Put(_grants[(string)entry["token"]!] with { RotatedAt = (long)entry["at"]! });
            else if (topic == "oauth.burned") Burn((string)entry["family"]!);
            else Drop((string)entry["provider"]!, (string)entry["subject"]!, KindIn(entry), (string?)entry["scope"]);
        }
    }

    public void Issue(Grant grant)
    {
        lock (_lock)
        {
            if (!_grants.TryAdd(grant.Token, grant)) return;
            _journal.Append("oauth.issued", JsonSerializer.SerializeToNode(grant)!.AsObject());
        }
    }

    public Grant? Find(string? token)
    {
        if (token is null) return null;
        lock (_lock) return _grants.GetValueOrDefault(token);
    }

    /// <summary>The newest living token of a kind, for providers that hand the same one out again.</summary>
    public Grant? Living(string provider, string subject, GrantKind kind)
    {
        lock (_lock) return _grants.Values.LastOrDefault(grant => Is(grant, provider, subject, kind, null));
    }

    /// <summary>True once only.</summary>
    public bool Redeem(string token)
    {
        lock (_lock)
        {
            if (_grants.GetValueOrDefault(token) is not { Redeemed: false, Revoked: false } grant) return false;
            Put(grant with { Redeemed = true });
            _journal.Append("oauth.redeemed", new JsonObject { ["token"] = token });
            return true;
        }
    }

    /// <summary>A refresh token is presented, once or again: what becomes of it by the provider's rules.</summary>
    public RefreshOutcome Rotate(string token, TokenLife life, long now)
    {
        lock (_lock)
        {
            if (_grants.GetValueOrDefault(token) is not { Revoked: false } grant) return RefreshOutcome.Refused;
            if (grant.RotatedAt is null && now - grant.IssuedAt < life.KeepsValueFor.TotalMilliseconds) return RefreshOutcome.Kept;
            if (grant.RotatedAt is not { } rotated)
            {
                Put(grant with { RotatedAt = now });
                _journal.Append("oauth.rotated", new JsonObject { ["token"] = token, ["at"] = now });
                return RefreshOutcome.Rotated;
            }
            if (now - rotated < life.Grace.TotalMilliseconds) return RefreshOutcome.Reused;
            if (!life.ReuseBurns || grant.Family is not { } family) return RefreshOutcome.Refused;
            Burn(family);
            _journal.Append("oauth.burned", new JsonObject { ["family"] = family });
            return RefreshOutcome.Burned;
        }
    }

    /// <summary>Ends what a subject has granted: everything, or one kind, or one kind in one scope.</summary>
    public void Revoke(string provider, string subject, GrantKind? kind = null, string? scope = null)
    {
        lock (_lock)
        {
            if (!Drop(provider, subject, kind, scope)) return;
            _journal.Append("oauth.revoked", new JsonObject
            {
                ["provider"] = provider,
                ["subject"] = subject,
                ["kind"] = kind?.ToString(),
                ["scope"] = scope,
            });
        }
    }

    private void Put(Grant grant) => _grants[grant.Token] = grant;

    private void Burn(string family)
    {
        foreach (var grant in _grants.Values.Where(grant => grant.Family == family).ToList()) Put(grant with { Revoked = true });
    }

    private bool Drop(string provider, string subject, GrantKind? kind, string? scope)
    {
        var ended = _grants.Values.Where(grant => Is(grant, provider, subject, kind, scope)).ToList();
        foreach (var grant in ended) Put(grant with { Revoked = true });
        return ended.Count > 0;
    }

    private static bool Is(Grant grant, string provider, string subject, GrantKind? kind, string? scope) =>
        !grant.Revoked && grant.Provider == provider && grant.Subject == subject && (kind is null || grant.Kind == kind)
        && (scope is null || grant.Scope == scope);

    private static GrantKind? KindIn(JsonObject entry) => (string?)entry["kind"] is { } kind ? Enum.Parse<GrantKind>(kind) : null;
}
