using System.Text.Json;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers.Transport;

namespace FinanceIntegrations.Providers.Square;

/// <summary>Status and code → class (square.md §2, §6). The provider's free text is read by nobody.</summary>
internal static class SquareErrors
{
    /// <summary>A page's cursor lives for five minutes (square.md §3): its window is begun again.</summary>
    public const string InvalidCursor = "INVALID_CURSOR";

    private const int LongestCode = 64;

    public static readonly ProviderError NotConfigured =
        new(ErrorClass.BusinessRule, "provider_not_configured",
            "This deployment has no Square credentials (SQUARE_CLIENT_ID, SQUARE_CLIENT_SECRET).");

    public static readonly ProviderError NoAccount =
        new(ErrorClass.Consent, "account_missing", "The connection names no Square seller, or holds no token: it must be authorized again.");

    /// <summary>square.md §2: revoking is authenticated by the secret, also where the tokens were obtained without one.</summary>
    public static readonly ProviderError NoSecret =
        new(ErrorClass.BusinessRule, "client_secret_missing",
            "Without SQUARE_CLIENT_SECRET this deployment cannot withdraw consents: the seller does it in the Square dashboard.");

    /// <summary>What Square's own libraries try again; a 429 only where it says when to come back.</summary>
    public static bool Retries(ProviderAnswer answer) =>
        answer.Status is 408 or >= 500 || (answer.Status == 429 && answer.RetryAfter is not null);

    /// <summary>No header tells what is left.</summary>
    public static RateSigns Signs(ProviderAnswer answer) =>
        answer.Status is >= 400 and < 500 && From(answer, write: false).Class == ErrorClass.RateLimited ? new(Limited: true, answer.RetryAfter) : default;

    /// <summary>An answer of the API that is no success; the token in it is the seller's.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="write">The call changes something: after a 5xx, nobody knows whether it did.</param>
    public static ProviderError From(ProviderAnswer answer, bool write)
    {
        var (category, code) = FaultIn(answer.Body.Span);
        var error = (answer.Status, code) switch
        {
            _ when IsLimit(answer.Status, category, code) => new(ErrorClass.RateLimited, code ?? "rate_limited", "Square asks for fewer calls."),
            (_, "CLIENT_DISABLED" or "APPLICATION_DISABLED") => OwnCredential(code),
            (_, "ACCESS_TOKEN_REVOKED") => new(ErrorClass.Consent, code,
                "The seller, or Square, has withdrawn the consent: the user must authorize again."),
            (_, "INSUFFICIENT_SCOPES") => new(ErrorClass.Consent, code,
                "The consent does not cover this call: the user must authorize again, with all that is asked for."),
            (401, _) => new(ErrorClass.Authentication, code ?? "unauthorized", "Square does not accept the access token."),
            (403, _) => new(ErrorClass.BusinessRule, code ?? "forbidden", "Square does not permit this call; the connection stands."),
            (404 or 410, _) => new(ErrorClass.Validation, code ?? "not_found", "Square does not know what the call asks for."),
            (402 or 409 or 422, _) => new(ErrorClass.BusinessRule, code ?? $"http_{answer.Status}", "Square understood the call and refuses it."),
            (408 or >= 500, _) when write => new(ErrorClass.OutcomeUnknown, code ?? $"http_{answer.Status}",
                "Square failed in the middle of the call: it may have taken effect."),
            (408 or >= 500, _) => new(ErrorClass.ProviderUnavailable, code ?? $"http_{answer.Status}", "Square cannot serve at the moment."),
            _ => new ProviderError(ErrorClass.Validation, code ?? $"http_{answer.Status}", "Square does not accept the call."),
        };
        return Said(error, answer);
    }

    /// <summary>
    /// An answer of the token endpoint that is no success. There Square has no table of errors (square.md §2): 401 and 404 say that code or
    /// refresh token are used up, expired or withdrawn, and equally that the client is another; no code tells them apart.
    /// </summary>
    public static ProviderError FromToken(ProviderAnswer answer)
    {
        var error = From(answer, write: true);
        return error.OwnCredential || answer.Status is not (401 or 404) || error.Class == ErrorClass.RateLimited
            ? error
            : error with
            {
                Class = ErrorClass.Consent,
                Message = "Square does not take the authorization: it is used up, expired or withdrawn, or the application's credentials are wrong.",
            };
    }

    /// <summary>An answer of the revoke endpoint that is no success: it is authenticated by our own secret.</summary>
    public static ProviderError FromRevoke(ProviderAnswer answer)
    {
        var error = From(answer, write: true);
        return error.Class == ErrorClass.Authentication ? Said(OwnCredential(error.Code), answer) : error;
    }

    /// <summary>An answer to the call that decides an order, which has no body: what is bad about it is how the dispute stands.</summary>
    public static ProviderError FromOrder(ProviderAnswer answer)
    {
        var error = From(answer, write: true);
        return answer.Status == 400 && error.Class == ErrorClass.Validation
            ? error with { Class = ErrorClass.BusinessRule, Message = "Square understood the order and refuses it." }
            : error;
    }

    /// <summary>A success whose body is not what was asked for.</summary>
    public static ProviderError Unreadable(ProviderAnswer answer, string code = "unreadable_answer") =>
        Said(new(ErrorClass.Validation, code, "Square's answer is not what its documentation describes."), answer);

    private static ProviderError Said(ProviderError error, ProviderAnswer answer) =>
        error with { HttpStatus = answer.Status, RetryAfter = answer.RetryAfter };

    private static ProviderError OwnCredential(string code) =>
        new(ErrorClass.Authentication, code, "Square does not accept this deployment's own credentials.") { OwnCredential = true };

    /// <summary>Renewals that were throttled came with the old category V1_ERROR (square.md §2).</summary>
    private static bool IsLimit(int status, string? category, string? code) =>
        status == 429 || category == "RATE_LIMIT_ERROR" || code is "RATE_LIMITED" or "too_many_requests";

    /// <summary>The first of <c>errors</c>; the <c>type</c> of an old answer; nothing where the body has neither, whatever else it is.</summary>
    private static (string? Category, string? Code) FaultIn(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return default;
            (string? Category, string? Code) found = default;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isErrors = reader.ValueTextEquals("errors"u8);
                var isType = reader.ValueTextEquals("type"u8);
                reader.Read();
                if (isErrors && reader.TokenType == JsonTokenType.StartArray && reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                    return FirstOf(ref reader);
                if (isType && reader.TokenType == JsonTokenType.String) found = (null, Code(reader.GetString()));
                else reader.Skip();
            }
            return found;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return default;   // an error page of a proxy in between: the status speaks for itself
        }
    }

    private static (string? Category, string? Code) FirstOf(ref Utf8JsonReader reader)
    {
        string? category = null, code = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCategory = reader.ValueTextEquals("category"u8);
            var isCode = reader.ValueTextEquals("code"u8);
            reader.Read();
            if (isCategory && reader.TokenType == JsonTokenType.String) category = reader.GetString();
            else if (isCode && reader.TokenType == JsonTokenType.String) code = Code(reader.GetString());
            else reader.Skip();
        }
        return (category, code);
    }

    /// <summary>A code is a word. Anything else is free text, and is not repeated.</summary>
    private static string? Code(string? text) =>
        text is { Length: > 0 and <= LongestCode } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') ? text : null;
}
