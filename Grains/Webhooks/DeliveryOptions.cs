using System.ComponentModel.DataAnnotations;
using FinanceIntegrations.Domain.Webhooks;

namespace FinanceIntegrations.Grains.Webhooks;

/// <summary>How often a webhook delivery that failed is tried again: <see cref="DeliveryRetry"/> as configuration says it.</summary>
public sealed class DeliveryOptions
{
    public const string Section = "WebhookDeliveries";

    /// <summary>Failures after which a delivery is a dead letter. Default 8.</summary>
    [Range(1, 20, ErrorMessage = "WebhookDeliveries:MaxAttempts is 1–20.")]
    public int MaxAttempts { get; set; } = DeliveryRetry.Default.MaxAttempts;

    /// <summary>Longest wait after the first failure; doubles with each further one. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00", ErrorMessage = "WebhookDeliveries:FirstWait is 0.1 s to 1 hour.")]
    public TimeSpan FirstWait { get; set; } = DeliveryRetry.Default.FirstWait;

    internal DeliveryRetry Policy => new(MaxAttempts, FirstWait);
}
