using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.Foundation;
using FinanceIntegrations.Sandbox.OAuth;

namespace FinanceIntegrations.Sandbox.Xero;

/// <summary>Xero: its identity server, and which organisation a token is for.</summary>
internal sealed class XeroProvider(
    XeroOAuth oauth, Consent consent, XeroTokens tokens, XeroOrganisations organisations, RefreshLog log, GrantStore grants, Bearer bearer)
    : ISandboxProvider
{
    public string Name => XeroOAuth.Name;

    public bool OwnsRootPath(PathString path) => false;

    public void Map(IEndpointRouteBuilder routes)
    {
        consent.Map(routes, oauth);
        routes.MapPost("/xero/connect/revocation", Revoke);
        routes.MapGet("/xero/connections", Connections);
    }

    public void MapControl(IEndpointRouteBuilder control) => control.MapIdentityControl(Name, organisations.Value, tokens.Value, log, grants);

    public async Task WriteErrorAsync(HttpContext http, int status, int? retryAfter)
    {
        if (retryAfter is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        http.Response.StatusCode = status;
        await http.Response.WriteAsJsonAsync(new JsonObject
        {
            ["Type"] = null,
            ["Title"] = ((HttpStatusCode)status).ToString(),
            ["Status"] = status,
            ["Detail"] = status == 401 ? "AuthenticationUnsuccessful" : "",
            ["Instance"] = "",
            ["Extensions"] = new JsonObject(),
        });
    }

    /// <summary>Ends everything of that user.</summary>
    private IResult Revoke(HttpRequest request)
    {
        var sent = request.Headers.Authorization.ToString();
        var expected = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{oauth.ClientId}:{oauth.ClientSecret}"));
        if (sent != expected) return Results.Json(new { error = "invalid_client" }, statusCode: 400);
        if (grants.Find(request.Form["token"]) is { Provider: XeroOAuth.Name } grant) grants.Revoke(Name, grant.Subject);
        return Results.Ok();
    }

    private async Task Connections(HttpContext http)
    {
        if (bearer.Of(http.Request, Name) is not { } grant)
        {
            await WriteErrorAsync(http, 401, null);
            return;
        }
        var organisation = organisations.Value.All.First(choice => choice.Id == grant.Subject);
        await http.Response.WriteAsJsonAsync(new JsonArray(new JsonObject
        {
            ["id"] = "c-" + organisation.Id,
            ["tenantId"] = organisation.Id,
            ["tenantType"] = "ORGANISATION",
            ["tenantName"] = organisation.Name,
        }));
    }
}

internal static class XeroServices
{
    /// <summary>xero.md §3: access 30 min; refresh 60 days, rotated each time, the old one good for 30 minutes more.</summary>
    private static readonly TokenLife Real = new()
    {
        AccessLifetime = TimeSpan.FromMinutes(30),
        Lifetime = TimeSpan.FromDays(60),
        Grace = TimeSpan.FromMinutes(30),
    };

    public static void AddXero(this IServiceCollection services)
    {
        services.AddOptions<XeroOptions>().BindConfiguration(XeroOptions.Section);
        services.AddSingleton(new XeroTokens(new(Real)));
        services.AddSingleton(provider => new XeroOrganisations(
            new(XeroOAuth.Name, number => $"00000000-0000-4000-8000-{number:d12}", provider.GetRequiredService<Journal>())));
        services.AddSingleton<Bearer>();
        services.AddSingleton<XeroOAuth>();
        services.AddSingleton<IOAuthDialect>(provider => provider.GetRequiredService<XeroOAuth>());
        services.AddSingleton<ISandboxProvider, XeroProvider>();
    }
}
