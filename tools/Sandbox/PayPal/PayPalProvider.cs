using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.Faults;
using FinanceIntegrations.Sandbox.OAuth;

namespace FinanceIntegrations.Sandbox.PayPal;

/// <summary>PayPal: tokens, the log-in, the reports, disputes, payouts and signed webhooks.</summary>
internal sealed class PayPalProvider(
    PayPalOAuth oauth, Consent consent, PayPalReports reports, PayPalDisputes disputes, PayPalPayouts payouts, PayPalWebhooks webhooks,
    PayPalEvents events, PayPalDisputeAnswers answers, PayPalControl control, Bearer bearer) : ISandboxProvider
{
    /// <summary>As it stands in links: nobody calls it.</summary>
    public const string ApiHost = "https://api-m.sandbox.paypal.com";

    public string Name => PayPalOAuth.Name;

    public bool OwnsRootPath(PathString path) => false;

    public void Map(IEndpointRouteBuilder routes)
    {
        consent.Map(routes, oauth);
        var paypal = routes.MapGroup("/paypal");
        paypal.MapGet("/v1/identity/oauth2/userinfo", UserAsync);
        paypal.MapGet("/v1/identity/openidconnect/userinfo", UserAsync);
        reports.Map(paypal);
        disputes.Map(paypal);
        answers.Map(paypal);
        payouts.Map(paypal);
        webhooks.Map(paypal);
        events.Map(paypal);
    }

    public void MapControl(IEndpointRouteBuilder routes) => control.Map(routes);

    public async Task WriteErrorAsync(HttpContext http, int status, int? retryAfter)
    {
        if (retryAfter is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (status == 401)
        {
            await PayPalErrors.DeadTokenAsync(http);
            return;
        }
        var (name, message) = status switch
        {
            400 => ("INVALID_REQUEST", "Request is not well-formed, syntactically incorrect, or violates schema."),
            403 => ("NOT_AUTHORIZED", "Authorization failed due to insufficient permissions."),
            404 => ("RESOURCE_NOT_FOUND", "The specified resource does not exist."),
            422 => ("UNPROCESSABLE_ENTITY", "The requested action could not be performed, semantically incorrect, or failed business validation."),
            429 => ("RATE_LIMIT_REACHED", "Too many requests. Blocked due to rate limiting."),
            503 => ("SERVICE_UNAVAILABLE", "Service Unavailable."),
            _ => ("INTERNAL_SERVER_ERROR", "An internal server error has occurred."),
        };
        await PayPalErrors.WriteAsync(http, status, name, message);
    }

    public byte[] Distort(FaultKind kind, byte[] body)
    {
        var answer = JsonNode.Parse(body)!.AsObject();
        if (kind == FaultKind.EmptyList)
        {
            if (answer["transaction_details"] is JsonArray) (answer["transaction_details"], answer["total_items"], answer["total_pages"]) = (new JsonArray(), 0, 0);
            if (answer["items"] is JsonArray) answer["items"] = new JsonArray();
        }
        else if (kind == FaultKind.OddRows && answer["transaction_details"] is JsonArray rows)
        {
            for (var place = 0; place < rows.Count; place += 10) rows[place]!["transaction_info"]!["transaction_amount"]!["currency_code"] = "ZZZ";
        }
        else if (kind == FaultKind.Totals && answer["balances"] is JsonArray balances)
        {
            foreach (var one in balances) one!["total_balance"]!["value"] = "1";
        }
        return JsonSerializer.SerializeToUtf8Bytes(answer);
    }

    private async Task UserAsync(HttpContext http)
    {
        if (bearer.Of(http.Request, Name) is not { } grant)
        {
            await PayPalErrors.DeadTokenAsync(http);
            return;
        }
        await http.Response.WriteAsJsonAsync(new
        {
            user_id = "https://www.paypal.com/webapps/auth/identity/user/" + grant.Subject,
            payer_id = grant.Subject,
            verified_account = "true",
            account_type = "BUSINESS",
            sub = "https://www.paypal.com/webapps/auth/identity/user/" + RandomNumberGenerator.GetHexString(8),
        }, http.RequestAborted);
    }
}

internal static class PayPalServices
{
    public static void AddPayPal(this IServiceCollection services)
    {
        services.AddOptions<PayPalOptions>().BindConfiguration(PayPalOptions.Section);
        services.AddSingleton<PayPalPlatform>();
        services.AddSingleton<PayPalAppTokens>();
        services.AddSingleton<PayPalGate>();
        services.AddSingleton<PayPalReports>();
        services.AddSingleton<PayPalDisputes>();
        services.AddSingleton<PayPalDisputeAnswers>();
        services.AddSingleton<PayPalPayouts>();
        services.AddSingleton<PayPalSigning>();
        services.AddSingleton<PayPalWebhooks>();
        services.AddSingleton<PayPalEvents>();
        services.AddSingleton<PayPalControl>();
        services.AddSingleton<PayPalOAuth>();
        services.AddSingleton<IOAuthDialect>(provider => provider.GetRequiredService<PayPalOAuth>());
        services.AddSingleton<ISandboxProvider, PayPalProvider>();
    }
}
