using System.ComponentModel.DataAnnotations;
using FinanceIntegrations.Domain.Attention;

namespace FinanceIntegrations.Grains.Disputes;

/// <summary>When somebody is told that disputes need a response.</summary>
public sealed class DisputeOptions
{
    public const string Section = "Disputes";

    /// <summary>So long before the deadline; again 3 days and 1 day before. Default 7 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "90.00:00:00")]
    public TimeSpan Margin { get; set; } = DisputeMargins.Default.First;

    internal DisputeMargins Margins => new(Margin);
}
