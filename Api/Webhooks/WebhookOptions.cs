using System.ComponentModel.DataAnnotations;

namespace FinanceIntegrations.Api.Webhooks;

public sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>Largest body taken, in bytes. Default 512 KiB.</summary>
    [Range(1_024, 16_777_216)]
    public int MaxBodyBytes { get; set; } = 524_288;

    /// <summary>Events that share one insert and one commit, at most. Default 256.</summary>
    [Range(1, 2_000)]
    public int MaxBatch { get; set; } = 256;

    /// <summary>Inserts under way at one time. Default 1: while one is made durable, the next gathers; large batches cost PostgreSQL least.</summary>
    [Range(1, 16)]
    public int Writers { get; set; } = 1;

    /// <summary>While events come a few at a time, the next insert gathers for so long. A lone event never waits. Default 4 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")]
    public TimeSpan Gather { get; set; } = TimeSpan.FromMilliseconds(4);

    /// <summary>With so many events waiting, or in the insert before, the next one goes at once. Default 16.</summary>
    [Range(1, 2_000)]
    public int Gathered { get; set; } = 16;

    /// <summary>Events that may wait for their insert; beyond it the answer is 503. Default 4,096.</summary>
    [Range(64, 100_000)]
    public int MaxWaiting { get; set; } = 4_096;

    /// <summary>Bytes of their bodies, those being written included; beyond it the answer is 503. Default 64 MiB.</summary>
    [Range(16_777_216, int.MaxValue)]
    public int MaxWaitingBytes { get; set; } = 67_108_864;

    /// <summary>How long an endpoint's secrets and filter may be remembered. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan EndpointCache { get; set; } = TimeSpan.FromSeconds(5);
}
