using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FinanceIntegrations.Api.OAuth;

/// <summary>Our few pages: static, without script, every value escaped.</summary>
internal static class Pages
{
    public static ContentHttpResult Confirm(string provider, string integration, string user, Uri address) => Page(
        StatusCodes.Status200OK, "Connect an account",
        $"""
        <p>You are about to connect <b>{Text(provider)}</b> to the integration <b>{Text(integration)}</b> of the user <b>{Text(user)}</b>.</p>
        <p>That user will see the data of the account that you choose. Go on only if this is you and you asked for it.</p>
        <p><a class="go" rel="noreferrer" href="{Text(address.AbsoluteUri)}">Continue to {Text(provider)}</a></p>
        """);

    public static ContentHttpResult Connected(string integration) =>
        Page(StatusCodes.Status200OK, "Connected", $"<p><b>{Text(integration)}</b> is connected. You can close this page.</p>");

    public static ContentHttpResult FinishInApplication() => Page(
        StatusCodes.Status200OK, "Finish in your application",
        "<p>Nothing was connected. This authorization did not begin on our start page in this browser: the application "
        + "that began it must finish it, by sending what this address carries to <code>POST /api/integrations/oauth/token</code>.</p>");

    public static ContentHttpResult Declined() =>
        Page(StatusCodes.Status200OK, "Not connected", "<p>The consent was declined. Nothing was connected; you can begin again.</p>");

    public static ContentHttpResult Failed(string message) =>
        Page(StatusCodes.Status400BadRequest, "Not connected", $"<p>{Text(message)}</p><p>Begin the authorization again.</p>");

    public static ContentHttpResult TooLate() =>
        Page(StatusCodes.Status400BadRequest, "Too late", "<p>The authorization took too long. Begin it again.</p>");

    public static ContentHttpResult NotOurs() =>
        Page(StatusCodes.Status400BadRequest, "Not valid", "<p>This address is not valid. Begin the authorization again.</p>");

    private static string Text(string value) => HtmlEncoder.Default.Encode(value);

    private static ContentHttpResult Page(int status, string title, string body) => TypedResults.Content(
        $$"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{{title}}</title>
        <style>
        body { font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 12vh auto; padding: 0 1rem; color: #1c2430; background: #fff }
        h1 { font-size: 1.4rem }
        .go { display: inline-block; padding: .6rem 1rem; border-radius: .4rem; background: #1f5fbf; color: #fff; text-decoration: none }
        </style>
        </head>
        <body>
        <main>
        <h1>{{title}}</h1>
        {{body}}
        </main>
        </body>
        </html>
        """, "text/html; charset=utf-8", statusCode: status);
}
