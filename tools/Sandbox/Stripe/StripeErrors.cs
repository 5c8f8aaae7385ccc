using FinanceIntegrations.Sandbox.Stripe.Ledger;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>An answer that is an error, as the API words it.</summary>
internal sealed record StripeError(
    int Status, string Message, string? Code = null, string? Param = null, string Type = "invalid_request_error")
{
    public static StripeError NoKey => new(401,
        "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth "
        + "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY').");

    public static StripeError BadKey(string key) => new(401, $"Invalid API Key provided: {Masked(key)}");

    public static StripeError NoAccess(string key, string account) => new(403,
        $"The provided key '{Masked(key)}' does not have access to account '{account}' (or that account does not exist). "
        + "Application access may have been revoked.", "account_invalid");

    public static StripeError UnknownUrl(string method, string path) => new(404,
        $"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.");

    public static StripeError Missing(int status, string what, string id, string param) =>
        new(status, $"No such {what}: '{id}'", "resource_missing", param);

    public static StripeError UnknownParameter(string name) => new(400, $"Received unknown parameter: {name}", "parameter_unknown", name);

    public static StripeError NotAnInteger(string name, string value) =>
        new(400, $"Invalid integer: {value}", "parameter_invalid_integer", name);

    /// <summary>Word for word as merchants have reported it.</summary>
    public static StripeError NotItemised => new(400, "Balance transaction history can only be filtered on automatic transfers, not manual.");

    public static StripeError Invalid(string message, string param) => new(400, message, null, param);

    public static StripeError Required(string name) => new(400, $"Missing required param: {name}.", "parameter_missing", name);

    public static StripeError TooLong(string name, int longest, int length) =>
        new(400, $"Invalid string: must be at most {longest} characters (it currently is {length}).", "parameter_invalid_string_too_long", name);

    public static StripeError OtherParameters(string key) => new(400,
        "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than "
        + $"'{key}' if you meant to execute a different request.", Type: "idempotency_error");

    public static StripeError InFlight(string key) => new(409,
        $"There is currently another in-progress request using this Idempotent Key '{key}'. Please try again later.",
        "idempotency_key_in_use", Type: "idempotency_error");

    public static StripeError RateLimited => new(429,
        "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits.", "rate_limit");

    public static StripeError OfStatus(int status) => status switch
    {
        429 => RateLimited,
        401 => BadKey("sk_test_sandbox"),
        403 => new(403, "The provided key does not have the required permissions for this endpoint."),
        409 => new(409, "Another API request or Stripe process is currently accessing this object.", "lock_timeout"),
        >= 500 => new(status, "An unknown error occurred", Type: "api_error"),
        _ => new(status, "The request could not be processed."),
    };

    public async Task WriteAsync(HttpContext http)
    {
        http.Response.StatusCode = Status;
        if (Status == 429) http.Response.Headers["Stripe-Rate-Limited-Reason"] = "endpoint-rate";
        await StripeAnswer.WriteAsync(http, Body());
    }

    public byte[] Body() => StripeObject.Render(json =>
    {
        json.WriteStartObject("error");
        if (Code is not null)
        {
            json.WriteString("code", Code);
            json.WriteString("doc_url", "https://stripe.com/docs/error-codes/" + Code.Replace('_', '-'));
        }
        json.WriteString("message", Message);
        if (Param is not null) json.WriteString("param", Param);
        json.WriteString("type", Type);
        json.WriteEndObject();
    });

    /// <summary>Stripe shows the prefix and the last four characters of a key.</summary>
    private static string Masked(string key)
    {
        var prefix = key.StartsWith("sk_test_", StringComparison.Ordinal) ? 8 : 0;
        return key.Length - prefix <= 4 ? key[..prefix] + "****" : $"{key[..prefix]}{new string('*', key.Length - prefix - 4)}{key[^4..]}";
    }
}
