namespace FinanceIntegrations.Domain.Providers;

/// <summary>
/// Why a provider sent the user back without a code: RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6. Only codes of these are repeated: anything may
/// stand in a callback's address.
/// </summary>
public static class Denials
{
    /// <summary>Of the answer that the user gave: no.</summary>
    public const string AccessDenied = "access_denied";

    /// <summary>Of the refusal, whatever the provider's code.</summary>
    public const string Code = "authorization_denied";

    /// <param name="error">As the callback carried it; null or unknown: no reason is told.</param>
    public static ProviderError Of(string? error) => error switch
    {
        AccessDenied => Because(ErrorClass.Consent, error, "the user, or the provider, did not agree"),
        "login_required" or "interaction_required" or "consent_required" or "account_selection_required" =>
            Because(ErrorClass.Consent, error, "the user did not finish what the provider asked for"),
        "invalid_request" or "invalid_scope" or "unauthorized_client" or "unsupported_response_type" =>
            Because(ErrorClass.Validation, error, "it does not take what this deployment asks for; its operator has to look"),
        "server_error" or "temporarily_unavailable" => Because(ErrorClass.ProviderUnavailable, error, "it cannot serve now"),
        _ => new(ErrorClass.Consent, Code, "The user, or the provider, did not agree."),
    };

    private static ProviderError Because(ErrorClass kind, string error, string meaning) => new(kind, Code, $"The provider answered {error}: {meaning}.");
}
