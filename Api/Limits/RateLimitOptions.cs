using System.ComponentModel.DataAnnotations;

namespace FinanceIntegrations.Api.Limits;

/// <summary>Requests per user and minute. Webhooks are not counted.</summary>
internal sealed class RateLimitOptions
{
    public const string Section = "RateLimits";

    /// <summary>GET and HEAD.</summary>
    [Range(1, 1_000_000)]
    public int ReadsPerMinute { get; set; } = 600;

    /// <summary>Everything else.</summary>
    [Range(1, 1_000_000)]
    public int WritesPerMinute { get; set; } = 120;
}
