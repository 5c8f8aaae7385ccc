using System.Text.Json;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers.Transport;

namespace FinanceIntegrations.Providers.Stripe;

/// <summary>Status and code → class (stripe.md §2, §6). The provider's free text is read by nobody.</summary>
internal static class StripeErrors
{
    private const int LongestCode = 64;

    public static readonly ProviderError NotConfigured =
        new(ErrorClass.BusinessRule, "provider_not_configured",
            "This deployment has no Stripe credentials (STRIPE_CLIENT_ID, STRIPE_CLIENT_SECRET).");

    public static readonly ProviderError NoAccount =
        new(ErrorClass.Consent, "account_missing", "The connection names no Stripe account: it must be authorized again.");

    /// <summary>Stripe's own rule (§6), and a 429 that says when to come back.</summary>
    public static bool Retries(ProviderAnswer answer) => answer.Header("Stripe-Should-Retry") switch
    {
        "true" => true,
        "false" => false,
        _ => answer.Status is 409 or >= 500 || (answer.Status == 429 && answer.RetryAfter is not null),
    };

    /// <summary>What an answer says of limits (§6): all of them are an account's, and no header tells what is left.</summary>
    public static RateSigns Signs(ProviderAnswer answer) =>
        answer.Status is 429 or 400 && From(answer, write: false).Class == ErrorClass.RateLimited ? new(Limited: true, answer.RetryAfter) : default;

    /// <summary>An answer that is no success.</summary>
    /// <param name="write">The call changes something: after a 500, nobody knows whether it did (§6).</param>
    public static ProviderError From(ProviderAnswer answer, bool write)
    {
        var code = CodeOf(answer.Body.Span);
        var error = (answer.Status, code) switch
        {
            (_, "rate_limit") => new(ErrorClass.RateLimited, code!, "Stripe asks for fewer calls."),
            (429, "lock_timeout") or (409, _) => new(ErrorClass.ProviderUnavailable, code ?? "conflict",
                "Stripe is busy with the same object."),
            (429, _) => new(ErrorClass.RateLimited, code ?? "rate_limited", "Stripe asks for fewer calls."),
            (_, "invalid_client") => OwnCredential(code!),
            (_, "invalid_grant") => new(ErrorClass.Consent, code!,
                "The authorization is used up, expired or withdrawn: the user must authorize again."),
            (401, _) => OwnCredential(code ?? "unauthorized"),
            (403, "account_invalid") => new(ErrorClass.Consent, code!,
                "The Stripe account is no longer connected: the user must authorize again."),
            (403, _) => new(ErrorClass.BusinessRule, code ?? "permission_missing",
                "The key lacks the permission for this call; the connection stands."),
            (402, _) => new(ErrorClass.BusinessRule, code ?? "request_failed", "Stripe understood the call and refuses it."),
            (404, _) => new(ErrorClass.Validation, code ?? "not_found", "Stripe does not know what the call asks for."),
            (503, _) => new(ErrorClass.ProviderUnavailable, code ?? "http_503", "Stripe cannot serve at the moment."),
            ( >= 500, _) when write => new(ErrorClass.OutcomeUnknown, code ?? $"http_{answer.Status}",
                "Stripe failed in the middle of the call: it may have taken effect."),
            ( >= 500, _) => new(ErrorClass.ProviderUnavailable, code ?? $"http_{answer.Status}", "Stripe cannot serve at the moment."),
            _ => new ProviderError(ErrorClass.Validation, code ?? $"http_{answer.Status}", "Stripe does not accept the call."),
        };
        return error with { HttpStatus = answer.Status, RetryAfter = answer.RetryAfter, RequestId = RequestIdOf(answer) };
    }

    /// <summary>An answer to an order that is no success: either it has surely not happened, or nobody knows (§6).</summary>
    public static ProviderError FromOrder(ProviderAnswer answer)
    {
        var error = From(answer, write: true);
        return (answer.Status, error.Code) switch
        {
            ( >= 500, _) when answer.Header("Idempotent-Replayed") == "true" => error with
            {
                Class = ErrorClass.OutcomeUnknown,
                Code = "failure_replayed",
                Message = "Stripe repeats that the order's first sending failed in the middle: it may have taken effect, and sending it again does nothing.",
            },
            // Said by whatever stands before Stripe, too, of a connection that broke after the call.
            (503, _) => error with { Class = ErrorClass.OutcomeUnknown },
            // The key is in flight: an earlier sending of the order is. An object that is locked by another call is left alone.
            (409, not "lock_timeout") => error with { Class = ErrorClass.OutcomeUnknown },
            (400, "idempotency_error") => error with { Message = "The order's idempotency key was used for another order." },
            (400, "resource_missing") => error with { Message = "Stripe does not know what the order is about." },
            (400, var code) when error.Class == ErrorClass.Validation && !code.StartsWith("parameter_", StringComparison.Ordinal) =>
                error with { Class = ErrorClass.BusinessRule, Code = code == "http_400" ? "order_refused" : code, Message = "Stripe understood the order and refuses it." },
            _ => error,
        };
    }

    /// <summary>A success whose body is not what was asked for.</summary>
    public static ProviderError Unreadable(ProviderAnswer answer, string code = "unreadable_answer") =>
        new(ErrorClass.Validation, code, "Stripe's answer is not what its documentation describes.")
        {
            HttpStatus = answer.Status,
            RequestId = RequestIdOf(answer),
        };

    /// <summary>Every call is made with the platform's key: no user can mend it.</summary>
    private static ProviderError OwnCredential(string code) =>
        new(ErrorClass.Authentication, code, "Stripe does not accept this deployment's own credentials.") { OwnCredential = true };

    private static string? RequestIdOf(ProviderAnswer answer) => answer.Header("Request-Id") is { Length: <= 255 } id ? id : null;

    /// <summary>
    /// <c>error.code</c>, or OAuth's <c>error</c>, or the type <c>idempotency_error</c>, which comes without a code; null where the body has none of
    /// them, whatever else it is.
    /// </summary>
    private static string? CodeOf(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isError = reader.ValueTextEquals("error"u8);
                reader.Read();
                if (isError && reader.TokenType == JsonTokenType.String) return Code(reader.GetString());
                if (isError && reader.TokenType == JsonTokenType.StartObject) return CodeIn(ref reader);
                reader.Skip();
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // An error page of a proxy in between: the status speaks for itself.
        }
        return null;
    }

    private static string? CodeIn(ref Utf8JsonReader reader)
    {
        string? type = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCode = reader.ValueTextEquals("code"u8);
            var isType = reader.ValueTextEquals("type"u8);
            reader.Read();
            if (isCode && reader.TokenType == JsonTokenType.String) return Code(reader.GetString());
            if (isType && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("idempotency_error"u8)) type = "idempotency_error";
            reader.Skip();
        }
        return type;
    }

    /// <summary>A code is a word. Anything else is free text, and is not repeated.</summary>
    private static string? Code(string? text) =>
        text is { Length: > 0 and <= LongestCode } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') ? text : null;
}
