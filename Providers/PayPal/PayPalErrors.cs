using System.Text.Json;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers.Transport;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>Status and name → class (paypal.md §2, §6). The provider's free text is read by nobody.</summary>
internal static class PayPalErrors
{
    public const string TooManyRows = "RESULTSET_TOO_LARGE";

    private const int LongestCode = 64;

    public static readonly ProviderError NotConfigured =
        new(ErrorClass.BusinessRule, "provider_not_configured",
            "This deployment has no PayPal credentials (PAYPAL_CLIENT_ID, PAYPAL_CLIENT_SECRET).");

    public static readonly ProviderError NoAccount =
        new(ErrorClass.Consent, "account_missing", "The connection names no PayPal account: it must be authorized again.");

    public static readonly ProviderError OnlyThere =
        new(ErrorClass.BusinessRule, "withdrawn_only_by_merchant",
            "PayPal lets only the merchant withdraw the permission, in the account's settings.");

    /// <summary>PayPal's current SDK repeats these (paypal.md §6).</summary>
    public static bool Retries(ProviderAnswer answer) =>
        answer.Status is 408 or 500 or 502 or 503 or 504 or 521 or 522 or 524 || (answer.Status == 429 && answer.RetryAfter is not null);

    /// <summary>What an answer says of limits: nothing is published, and no header tells what is left.</summary>
    public static RateSigns Signs(ProviderAnswer answer) => answer.Status == 429 ? new(Limited: true, answer.RetryAfter) : default;

    /// <summary>An answer that is no success.</summary>
    /// <param name="write">The call changes something: after a 500, nobody knows whether it did.</param>
    /// <param name="own">It concerns the app's own account: no merchant can mend it.</param>
    public static ProviderError From(ProviderAnswer answer, bool write, bool own)
    {
        var code = CodeOf(answer.Body.Span);
        var error = (answer.Status, code) switch
        {
            (429, _) or (_, "RATE_LIMIT_REACHED") => new(ErrorClass.RateLimited, code ?? "rate_limited", "PayPal asks for fewer calls."),
            (_, "invalid_client" or "unauthorized_client") => OwnCredential(code!),
            (_, "invalid_token") => new(ErrorClass.Authentication, code!, "PayPal no longer knows the access token."),
            (_, "access_denied" or "invalid_grant") => new(ErrorClass.Consent, code!,
                "The log-in is used up, expired or withdrawn: the user must authorize again."),
            (401, _) => new(ErrorClass.Authentication, code ?? "unauthorized", "PayPal does not accept the access token."),
            (403, _) when own => OwnCredential(code ?? "forbidden") with
            {
                Message = "The app lacks a feature for this call. One that was switched on takes up to 9 hours to count.",
            },
            (403, _) => new(ErrorClass.Consent, code ?? "forbidden", "The merchant has not given, or has withdrawn, the permission for this call."),
            (_, TooManyRows) => new(ErrorClass.Validation, code!, "PayPal has more rows in the window than it gives."),
            (404, _) => new(ErrorClass.Validation, code ?? "not_found", "PayPal does not know what the call asks for."),
            (409 or 422, _) => new(ErrorClass.BusinessRule, code ?? "refused", "PayPal understood the call and refuses it."),
            (503, _) => new(ErrorClass.ProviderUnavailable, code ?? "http_503", "PayPal cannot serve at the moment."),
            ( >= 500 or 408, _) when write => new(ErrorClass.OutcomeUnknown, code ?? $"http_{answer.Status}",
                "PayPal failed in the middle of the call: it may have taken effect."),
            ( >= 500 or 408, _) => new(ErrorClass.ProviderUnavailable, code ?? $"http_{answer.Status}", "PayPal cannot serve at the moment."),
            _ => new ProviderError(ErrorClass.Validation, code ?? $"http_{answer.Status}", "PayPal does not accept the call."),
        };
        return error with { HttpStatus = answer.Status, RetryAfter = answer.RetryAfter, RequestId = RequestIdOf(answer) };
    }

    /// <summary>An answer to an order that is no success: either it has surely not happened, or nobody knows (§6).</summary>
    public static ProviderError FromOrder(ProviderAnswer answer, bool own)
    {
        var error = From(answer, write: true, own);
        return (answer.Status, error.Code) switch
        {
            // Said by whatever stands before PayPal, too, of a connection that broke after the call; and of a sending that is still under way.
            (503 or 409, _) => error with { Class = ErrorClass.OutcomeUnknown, Message = "PayPal could not end the call: it may have taken effect." },
            (400, "USER_BUSINESS_ERROR") when NamesBatch(answer.Body) => error with
            {
                Class = ErrorClass.OutcomeUnknown,
                Code = "batch_exists",
                Message = "PayPal has a batch of this reference already: the order was sent before.",
            },
            (403, _) when !own => error with { Class = ErrorClass.BusinessRule, Message = "The merchant has not permitted this to the app; the connection stands." },
            (400, var code) when error.Class == ErrorClass.Validation && code is not ("INVALID_REQUEST" or "VALIDATION_ERROR" or "http_400") =>
                error with { Class = ErrorClass.BusinessRule, Message = "PayPal understood the order and refuses it." },
            _ => error,
        };
    }

    /// <summary>A success whose body is not what was asked for.</summary>
    public static ProviderError Unreadable(ProviderAnswer answer, string code = "unreadable_answer") =>
        new(ErrorClass.Validation, code, "PayPal's answer is not what its documentation describes.")
        {
            HttpStatus = answer.Status,
            RequestId = RequestIdOf(answer),
        };

    private static ProviderError OwnCredential(string code) =>
        new(ErrorClass.Authentication, code, "PayPal does not accept this deployment's own credentials.") { OwnCredential = true };

    /// <summary>A detail's field is <c>SENDER_BATCH_ID</c>: what is wrong with it is that it was used.</summary>
    private static bool NamesBatch(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.TryGetProperty("details", out var details) && details.ValueKind == JsonValueKind.Array && details.EnumerateArray().Any(detail =>
                detail.ValueKind == JsonValueKind.Object && detail.TryGetProperty("field", out var field) && field.ValueKind == JsonValueKind.String
                && field.GetString()!.EndsWith("sender_batch_id", StringComparison.OrdinalIgnoreCase));
        }
        catch (Exception odd) when (odd is JsonException or InvalidOperationException)
        {
            return false;   // the name was read before it became no JSON
        }
    }

    private static string? RequestIdOf(ProviderAnswer answer) => answer.Header("Paypal-Debug-Id") is { Length: <= 255 } id ? id : null;

    /// <summary><c>name</c> of an API, or OAuth's <c>error</c>; null where the body has neither, whatever else it is.</summary>
    /// <remarks>Where the name says no more than that the call is wrong, the first detail's issue tells which rule it breaks.</remarks>
    private static string? CodeOf(ReadOnlySpan<byte> body)
    {
        string? name = null, issue = null;
        try
        {
            var reader = new Utf8JsonReader(body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isName = reader.ValueTextEquals("name"u8) || reader.ValueTextEquals("error"u8);
                var isDetails = reader.ValueTextEquals("details"u8);
                reader.Read();
                if (isName && reader.TokenType == JsonTokenType.String) name = Code(reader.GetString());
                else if (isDetails && reader.TokenType == JsonTokenType.StartArray) issue = FirstIssue(ref reader);
                else reader.Skip();
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // An error page of a proxy in between: the status speaks for itself.
        }
        return issue == TooManyRows ? issue : name;
    }

    private static string? FirstIssue(ref Utf8JsonReader reader)
    {
        string? issue = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isIssue = reader.ValueTextEquals("issue"u8);
                reader.Read();
                if (isIssue && reader.TokenType == JsonTokenType.String) issue ??= Code(reader.GetString());
                reader.Skip();
            }
        }
        return issue;
    }

    /// <summary>A code is a word. Anything else is free text, and is not repeated.</summary>
    public static string? Code(string? text) =>
        text is { Length: > 0 and <= LongestCode } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') ? text : null;
}
