using FinanceIntegrations.Domain.Providers;
using Polly.RateLimiting;
using Polly.Timeout;

namespace FinanceIntegrations.Providers.Transport;

/// <summary>What goes wrong between us and a provider, classified.</summary>
internal static class TransportErrors
{
    /// <summary>Worth another attempt of a read.</summary>
    public static bool IsTransient(Exception error) => error is HttpRequestException or IOException or TimeoutRejectedException;

    /// <summary>Null for what is a bug of ours: that is thrown.</summary>
    /// <param name="write">The call changes something at the provider, and may have arrived.</param>
    public static ProviderError? Classify(Exception error, bool write) => error switch
    {
        BodyTooLongException => write ? Unknown("answer_too_long") : new(ErrorClass.Validation, "answer_too_long", "The provider's answer is longer than we take."),
        HttpRequestException request when NeverArrived(request.HttpRequestError) =>
            new(ErrorClass.Network, "unreachable", "No connection to the provider could be made."),
        TimeoutRejectedException or OperationCanceledException or TimeoutException => write
            ? Unknown("timeout")
            : new(ErrorClass.Network, "timeout", "The provider did not answer in time."),
        HttpRequestException or IOException => write
            ? Unknown("connection_lost")
            : new(ErrorClass.Network, "connection_lost", "The connection broke before the provider's answer was complete."),
        BudgetUsedUpException used => new(ErrorClass.RateLimited, "budget_used_up", "The provider's limit of calls is used up for now.") { RetryAfter = used.Wait },
        RateLimiterRejectedException => new(ErrorClass.RateLimited, "too_many_calls", "Too many calls to the provider wait already."),
        _ => null,
    };

    private static bool NeverArrived(HttpRequestError error) => error is HttpRequestError.NameResolutionError
        or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;

    private static ProviderError Unknown(string code) =>
        new(ErrorClass.OutcomeUnknown, code, "The call was sent and no answer came that could be read: it may have taken effect.");
}

/// <summary>An answer longer than <see cref="TransportLimits.LongestBody"/>.</summary>
internal sealed class BodyTooLongException : Exception
{
    public BodyTooLongException() : base("The answer's body is too long.") { }

    public BodyTooLongException(string message) : base(message) { }

    public BodyTooLongException(string message, Exception inner) : base(message, inner) { }
}
