using System.ComponentModel.DataAnnotations;
using FinanceIntegrations.Domain.Integrations;

namespace FinanceIntegrations.Grains.Sync;

/// <summary>When syncs are due: <see cref="SyncSchedule"/> as configuration says it.</summary>
public sealed class ScheduleOptions : IValidatableObject
{
    public const string Section = "Schedule";

    /// <summary>Share of the period by which a sync may come later, by chance. Default 0.1.</summary>
    [Range(0.0, 1.0, ErrorMessage = "Schedule:Jitter is a share from 0 to 1.")]
    public double Jitter { get; set; } = SyncSchedule.Default.Jitter;

    /// <summary>Longest wait after a first failed run; doubles with each further one. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = "Schedule:FirstBackoff is 1 s to 1 day.")]
    public TimeSpan FirstBackoff { get; set; } = SyncSchedule.Default.FirstBackoff;

    /// <summary>Longest wait after any failed run, unless the provider asks for more. Default 6 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00", ErrorMessage = "Schedule:LongestBackoff is 1 s to 7 days.")]
    public TimeSpan LongestBackoff { get; set; } = SyncSchedule.Default.LongestBackoff;

    internal SyncSchedule Policy => new(Jitter, FirstBackoff, LongestBackoff);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (LongestBackoff < FirstBackoff) yield return new("Schedule:LongestBackoff is not below Schedule:FirstBackoff.", [nameof(LongestBackoff)]);
    }
}
