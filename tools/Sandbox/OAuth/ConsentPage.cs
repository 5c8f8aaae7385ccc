using System.Text;
using System.Text.Encodings.Web;
using OpenIddict.Abstractions;

namespace FinanceIntegrations.Sandbox.OAuth;

/// <summary>The page on which a person chooses and decides.</summary>
internal static class ConsentPage
{
    public static Task WriteAsync(HttpContext http, IOAuthDialect dialect, OpenIddictRequest request, IReadOnlyList<ConsentChoice> choices)
    {
        var html = HtmlEncoder.Default;
        var page = new StringBuilder()
            .Append("<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>")
            .Append("<title>Consent (sandbox)</title><style>body{font:16px/1.5 system-ui;max-width:34rem;margin:4rem auto;padding:0 1rem}")
            .Append("label{display:block;padding:.5rem;border:1px solid #8886;border-radius:.4rem;margin:.4rem 0}")
            .Append("button{font:inherit;padding:.5rem 1rem;margin:.6rem .6rem 0 0}</style>")
            .Append("<h1>Connect to ").Append(html.Encode(dialect.Provider)).Append("</h1>")
            .Append("<p>This is the sandbox: nothing here is real. Application <code>")
            .Append(html.Encode(request.ClientId ?? "")).Append("</code> asks for <code>")
            .Append(html.Encode(request.Scope ?? dialect.DefaultScope))
            .Append("</code>.<form method=post>");
        foreach (var (name, value) in request.GetParameters())
        {
            if (name.StartsWith("sandbox_", StringComparison.Ordinal) || (string?)value is not { } text) continue;
            page.Append("<input type=hidden name=\"").Append(html.Encode(name))
                .Append("\" value=\"").Append(html.Encode(text)).Append("\">");
        }
        for (var i = 0; i < choices.Count; i++)
        {
            page.Append("<label><input type=radio name=sandbox_account value=\"").Append(html.Encode(choices[i].Id)).Append('"')
                .Append(i == 0 ? " checked> " : "> ").Append(html.Encode(choices[i].Name))
                .Append(" <small>").Append(html.Encode(choices[i].Id))
                .Append("</small></label>");
        }
        page.Append("<button name=sandbox_decision value=approve>Connect</button>")
            .Append("<button name=sandbox_decision value=deny>Cancel</button></form>");
        http.Response.ContentType = "text/html; charset=utf-8";
        return http.Response.WriteAsync(page.ToString());
    }
}
