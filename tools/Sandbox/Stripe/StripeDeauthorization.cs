using FinanceIntegrations.Sandbox.Stripe.Ledger;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary><c>POST /oauth/deauthorize</c>: the platform lets go of an account.</summary>
internal sealed class StripeDeauthorization(IOptions<StripeOptions> options, StripePlatform platform, StripeAuthentication authentication)
{
    public void Map(IEndpointRouteBuilder stripe) => stripe.MapPost("/oauth/deauthorize", AnswerAsync);

    private async Task AnswerAsync(HttpContext http)
    {
        var form = http.Request.HasFormContentType ? await http.Request.ReadFormAsync(http.RequestAborted) : FormCollection.Empty;
        string client = form["client_id"].ToString(), account = form["stripe_user_id"].ToString();
        if (!authentication.IsPlatform(http.Request, form["client_secret"]))
            await RefuseAsync(http, "invalid_client", StripeError.NoKey.Message);
        else if (client != options.Value.ClientId) await RefuseAsync(http, "invalid_client", $"No such application: '{client}'");
        else if (account.Length == 0) await RefuseAsync(http, "invalid_request", "Missing parameter: stripe_user_id", 400);
        else if (platform.Find(account) is not { GrantedScope: not null }) await RefuseAsync(http, "invalid_client",
            $"This application is not connected to stripe account {account}, or that account does not exist.");
        else
        {
            platform.Disconnect(account);
            await StripeAnswer.WriteAsync(http, StripeObject.Render(json => json.WriteString("stripe_user_id", account)));
        }
    }

    private static async Task RefuseAsync(HttpContext http, string error, string description, int status = 401)
    {
        http.Response.StatusCode = status;
        await StripeAnswer.WriteAsync(http, StripeObject.Render(json =>
        {
            json.WriteString("error", error);
            json.WriteString("error_description", description);
        }));
    }
}
