using System.Text;
using System.Text.Encodings.Web;

namespace FinanceIntegrations.Sandbox;

/// <summary>What a person sees who opens the address.</summary>
internal static class FrontPage
{
    public static IResult Show(IEnumerable<ISandboxProvider> providers)
    {
        var page = new StringBuilder("<!doctype html><html lang=en><meta charset=utf-8><title>Sandbox</title>")
            .Append("<style>body{font:16px/1.5 system-ui;max-width:38rem;margin:4rem auto;padding:0 1rem}</style><h1>Provider sandbox</h1>")
            .Append("<p>Simulated finance providers: OAuth, APIs and signed webhooks, with made-up books. Nothing here is real.</p><ul>");
        foreach (var provider in providers)
        {
            var name = HtmlEncoder.Default.Encode(provider.Name);
            page.Append("<li>").Append(name).Append(": <code>/").Append(name).Append("/…</code>, <a href=\"/control/").Append(name)
                .Append("/accounts\">accounts</a>");
        }
        page.Append("</ul><p><a href=/control/requests>Requests</a> · <a href=/control/faults>Faults</a> · <a href=/health>Health</a>");
        return Results.Content(page.ToString(), "text/html; charset=utf-8");
    }
}
