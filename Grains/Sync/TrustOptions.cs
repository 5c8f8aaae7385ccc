using System.ComponentModel.DataAnnotations;
using FinanceIntegrations.Domain.Sync;

namespace FinanceIntegrations.Grains.Sync;

/// <summary>When what was read is doubted, and when a failure is a matter for a person.</summary>
public sealed class TrustOptions
{
    public const string Section = "Trust";

    /// <summary>A pass over everything that misses more than this share of the rows we hold is doubted, and deletes nothing. Default 0.5.</summary>
    [Range(0.0, 1.0)]
    public double LargestFall { get; set; } = TrustPolicy.Default.LargestFall;

    /// <summary>The same for single streams, by their id: <c>Trust__LargestFallOf__disputes=0.9</c>.</summary>
    public Dictionary<string, double> LargestFallOf { get; } = [];

    /// <summary>So many failed runs in a row raise an item in the attention list. Default 3.</summary>
    [Range(1, 1_000)]
    public int FailuresBeforeAttention { get; set; } = TrustPolicy.Default.FailuresBeforeAttention;

    /// <summary>The rules for the integration as a whole.</summary>
    public TrustPolicy Policy => new(LargestFall, FailuresBeforeAttention);

    /// <summary>The rules for one of its streams.</summary>
    public TrustPolicy PolicyOf(string stream) => Policy with { LargestFall = LargestFallOf.GetValueOrDefault(stream, LargestFall) };
}
