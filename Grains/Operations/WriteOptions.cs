using System.ComponentModel.DataAnnotations;
using FinanceIntegrations.Domain.Operations;

namespace FinanceIntegrations.Grains.Operations;

/// <summary>How writes are sent, and how one of which no answer came is brought to its end.</summary>
public sealed class WriteOptions
{
    public const string Section = "Writes";

    /// <summary>Total time-out of sending one; 5 s more, and whoever sent it is taken for dead. Default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>So long after that a look-up that shows nothing may only be early. Longer than a provider works on one request. Default 90 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan Settling { get; set; } = WritePolicy.Default.Settling;

    /// <summary>Before the first look-up; doubled after each. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan FirstPause { get; set; } = WritePolicy.Default.FirstPause;

    /// <summary>Between look-ups. Default 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan LongestPause { get; set; } = WritePolicy.Default.LongestPause;

    /// <summary>So many look-ups that told nothing, and a person is asked. Default 5.</summary>
    [Range(1, 100)]
    public int LooksBeforeAttention { get; set; } = WritePolicy.Default.LooksBeforeAttention;

    /// <summary>Of one integration at one time. Default 20.</summary>
    [Range(1, 1_000)]
    public int MostOpen { get; set; } = 20;

    internal WritePolicy Policy => new(Settling, FirstPause, LongestPause, LooksBeforeAttention);
}
