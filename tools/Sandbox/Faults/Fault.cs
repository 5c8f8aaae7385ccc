using System.Text.Json.Serialization;

namespace FinanceIntegrations.Sandbox.Faults;

[JsonConverter(typeof(JsonStringEnumConverter<FaultKind>))]
internal enum FaultKind
{
    [JsonStringEnumMemberName("status")] Status,
    [JsonStringEnumMemberName("rate_limited")] RateLimited,
    [JsonStringEnumMemberName("latency")] Latency,
    [JsonStringEnumMemberName("hold")] Hold,
    [JsonStringEnumMemberName("hang")] Hang,
    [JsonStringEnumMemberName("cut")] Cut,
    [JsonStringEnumMemberName("lost")] Lost,
    [JsonStringEnumMemberName("midway")] Midway,
    [JsonStringEnumMemberName("malformed")] Malformed,
    [JsonStringEnumMemberName("truncated")] Truncated,
    [JsonStringEnumMemberName("empty")] Empty,
    [JsonStringEnumMemberName("clock_skew")] ClockSkew,
    [JsonStringEnumMemberName("empty_list")] EmptyList,
    [JsonStringEnumMemberName("totals")] Totals,
    [JsonStringEnumMemberName("odd_rows")] OddRows,
    [JsonStringEnumMemberName("amounts")] Amounts,
}

/// <summary>What happens in the midst of a call that changes something: the provider takes its time, and fails though the call had its effect.</summary>
/// <param name="Status">Null: it does not fail.</param>
internal sealed record Midway(TimeSpan Wait, int? Status);

/// <summary>A fault on demand, as the control API spells it.</summary>
internal sealed record Fault
{
    public int Id { get; init; }
    public required string Provider { get; init; }

    /// <summary>Prefix of the provider's path, e.g. <c>/v1/balance_transactions</c>. Empty: every path.</summary>
    public string Path { get; init; } = "";

    /// <summary>Prefix of the query, without its question mark, e.g. <c>payout=</c>. Empty: every query.</summary>
    public string Query { get; init; } = "";

    /// <summary>Null: requests of every method.</summary>
    public string? Method { get; init; }
    public required FaultKind Kind { get; init; }
    public int? Status { get; init; }
    public int? RetryAfter { get; init; }
    public long? Milliseconds { get; init; }

    /// <summary>How often it strikes; -1: until removed.</summary>
    public int Times { get; init; } = 1;
    public double? Probability { get; init; }

    /// <summary>How many matching requests pass before it begins.</summary>
    public int After { get; init; }
    public string? Body { get; init; }
    public int Struck { get; init; }
}
