using System.ComponentModel.DataAnnotations;
using FinanceIntegrations.Domain.Incidents;

namespace FinanceIntegrations.Grains.Incidents;

/// <summary>When a provider itself is in trouble: <see cref="IncidentPolicy"/> as configuration says it.</summary>
public sealed class IncidentOptions : IValidatableObject
{
    public const string Section = "Incidents";

    /// <summary>How often a silo looks. Default 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.5", "01:00:00", ErrorMessage = "Incidents:Interval is 0.5 s to 1 hour.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How far back a run counts. Default 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00", ErrorMessage = "Incidents:Window is 10 s to 1 day.")]
    public TimeSpan Window { get; set; } = IncidentPolicy.Default.Window;

    /// <summary>Integrations that must fail alike. Default 5.</summary>
    [Range(2, 1_000_000, ErrorMessage = "Incidents:MinAffected is 2–1,000,000.")]
    public int MinAffected { get; set; } = IncidentPolicy.Default.MinAffected;

    /// <summary>Share of failing integrations that opens an incident. Default 0.5.</summary>
    [Range(0.01, 1.0, ErrorMessage = "Incidents:OpensAt is a share from 0.01 to 1.")]
    public double OpensAt { get; set; } = IncidentPolicy.Default.OpensAt;

    /// <summary>Share below which it ends. Default 0.2.</summary>
    [Range(0.001, 1.0, ErrorMessage = "Incidents:ClosesAt is a share from 0.001 to 1.")]
    public double ClosesAt { get; set; } = IncidentPolicy.Default.ClosesAt;

    /// <summary>It ends too when nothing failed and nothing succeeded for so long. Default 12 h.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00", ErrorMessage = "Incidents:Silence is 1 min to 30 days.")]
    public TimeSpan Silence { get; set; } = IncidentPolicy.Default.Silence;

    internal IncidentPolicy Policy => new(Window, MinAffected, OpensAt, ClosesAt, Silence);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ClosesAt > OpensAt) yield return new("Incidents:ClosesAt is not above Incidents:OpensAt.", [nameof(ClosesAt)]);
    }
}
