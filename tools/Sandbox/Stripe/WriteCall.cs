using System.Text.Json.Nodes;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>A call that changes something, as the journal keeps it.</summary>
/// <param name="Path">As Stripe spells it.</param>
/// <param name="Key">Its <c>Idempotency-Key</c>.</param>
/// <param name="Fails">The status that it answers though it had its effect.</param>
internal sealed record WriteCall(string Path, IReadOnlyList<KeyValuePair<string, string>> Form, string RequestId, string? Key, int? Fails)
{
    /// <summary>What must be the same when a key comes again. The order of parameters says nothing.</summary>
    public string Fingerprint =>
        Path + "?" + string.Join('&', Form.Select(p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}").Order(StringComparer.Ordinal));

    public static WriteCall Of(JsonObject entry) => new(
        (string)entry["path"]!,
        [.. entry["form"]!.AsArray().Select(pair => KeyValuePair.Create((string)pair![0]!, (string)pair[1]!))],
        (string)entry["request"]!, (string?)entry["key"], (int?)entry["fails"]);

    public JsonObject ToJson(string account, long at, long now) => new()
    {
        ["account"] = account,
        ["path"] = Path,
        ["form"] = new JsonArray([.. Form.Select(pair => new JsonArray(pair.Key, pair.Value))]),
        ["request"] = RequestId,
        ["key"] = Key,
        ["fails"] = Fails,
        ["at"] = at,
        ["now"] = now,
    };
}

/// <summary>What a call that began to execute was answered.</summary>
internal sealed record WriteAnswer(int Status, byte[] Body, string RequestId);
