namespace FinanceIntegrations.Domain.Providers;

/// <summary>The classes' names as they stand in rows, answers and metrics.</summary>
public static class ErrorClasses
{
    public static string Name(ErrorClass error) => error switch
    {
        ErrorClass.Authentication => "authentication",
        ErrorClass.Consent => "consent",
        ErrorClass.Network => "network",
        ErrorClass.RateLimited => "rate_limited",
        ErrorClass.ProviderUnavailable => "provider_unavailable",
        ErrorClass.Validation => "validation",
        ErrorClass.BusinessRule => "business_rule",
        ErrorClass.OutcomeUnknown => "outcome_unknown",
        _ => throw new ArgumentOutOfRangeException(nameof(error), error, "Unknown error class."),
    };

    /// <summary>
    /// Which of several errors of one run decides: what asks us to wait before what does not. That only the user can help, where all say so: what fails
    /// otherwise may, by its next try, show that the consent stands.
    /// </summary>
    public static ProviderError? Worst(IEnumerable<ProviderError> errors) =>
        errors.OrderBy(e => e.NeedsUser).ThenByDescending(e => Severity(e.Class)).ThenByDescending(e => e.RetryAfter).FirstOrDefault();

    private static int Severity(ErrorClass error) => error switch
    {
        ErrorClass.Consent => 7,
        ErrorClass.Authentication => 6,
        ErrorClass.RateLimited => 5,
        ErrorClass.OutcomeUnknown => 4,
        ErrorClass.ProviderUnavailable => 3,
        ErrorClass.Network => 2,
        ErrorClass.Validation => 1,
        _ => 0,
    };
}
