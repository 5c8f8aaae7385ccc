namespace FinanceIntegrations.Sandbox;

/// <summary>What every simulated provider shares. Section <c>Sandbox</c>.</summary>
internal sealed class SandboxOptions
{
    public const string Section = "Sandbox";

    /// <summary>The same seed and anchor give the same books, ids and faults. Default 20260101.</summary>
    public long Seed { get; set; } = 20260101;

    /// <summary>The moment at which the generated history ends. Default: the hour of the first start.</summary>
    public DateTimeOffset? Anchor { get; set; }

    /// <summary>Where the anchor and the journal lie, so that a restart answers the same. Default: none, everything in memory.</summary>
    public string? DataFolder { get; set; }

    /// <summary>How many of the newest requests the request log keeps. Default 200,000.</summary>
    public int RequestLogSize { get; set; } = 200_000;
}
