using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.Foundation;
using FinanceIntegrations.Sandbox.OAuth;

namespace FinanceIntegrations.Sandbox.QuickBooks;

/// <summary>QuickBooks Online: Intuit's OAuth, and the company that a token is for.</summary>
internal sealed class QuickBooksProvider(
    QuickBooksOAuth oauth, Consent consent, QuickBooksTokens tokens, QuickBooksOrganisations organisations, RefreshLog log, GrantStore grants,
    Bearer bearer) : ISandboxProvider
{
    public string Name => QuickBooksOAuth.Name;

    public bool OwnsRootPath(PathString path) => false;

    public void Map(IEndpointRouteBuilder routes)
    {
        consent.Map(routes, oauth);
        routes.MapPost("/quickbooks/v2/oauth2/tokens/revoke", Revoke);
        routes.MapGet("/quickbooks/v3/company/{realm}/companyinfo/{id}", CompanyInfo);
    }

    public void MapControl(IEndpointRouteBuilder control) => control.MapIdentityControl(Name, organisations.Value, tokens.Value, log, grants);

    public async Task WriteErrorAsync(HttpContext http, int status, int? retryAfter)
    {
        if (retryAfter is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        http.Response.StatusCode = status;
        await http.Response.WriteAsJsonAsync(new JsonObject
        {
            ["warnings"] = null,
            ["intuitObject"] = null,
            ["fault"] = new JsonObject
            {
                ["error"] = new JsonArray(status == 401
                    ? new JsonObject
                    {
                        ["message"] = "message=AuthenticationFailed; errorCode=003200; statusCode=401",
                        ["detail"] = "Token expired",
                        ["code"] = "3200",
                    }
                    : new JsonObject { ["message"] = "message=ThrottleExceeded; errorCode=003001", ["code"] = "3001" }),
                ["type"] = status == 401 ? "AUTHENTICATION" : "SERVICE",
            },
        });
    }

    /// <summary>Either kind of token is taken; it ends the connection.</summary>
    private IResult Revoke(HttpRequest request, JsonObject body)
    {
        var expected = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{oauth.ClientId}:{oauth.ClientSecret}"));
        if (request.Headers.Authorization != expected) return Results.Json(new { error = "invalid_client" }, statusCode: 401);
        if (grants.Find((string?)body["token"]) is not { Provider: QuickBooksOAuth.Name } grant) return Results.BadRequest();
        grants.Revoke(Name, grant.Subject);
        return Results.Ok();
    }

    private async Task CompanyInfo(HttpContext http, string realm)
    {
        if (bearer.Of(http.Request, Name) is not { } grant || grant.Subject != realm)
        {
            await WriteErrorAsync(http, 401, null);
            return;
        }
        var company = organisations.Value.All.First(choice => choice.Id == realm);
        await http.Response.WriteAsJsonAsync(
            new JsonObject { ["CompanyInfo"] = new JsonObject { ["Id"] = realm, ["CompanyName"] = company.Name, ["Country"] = "GB" } });
    }
}

internal static class QuickBooksServices
{
    /// <summary>quickbooks.md §3: access 1 h; refresh 101 days from its last use, another value every 24 h, the old one good for 24 h more.</summary>
    private static readonly TokenLife Real = new()
    {
        AccessLifetime = TimeSpan.FromHours(1),
        Lifetime = TimeSpan.FromSeconds(8_726_400),
        Grace = TimeSpan.FromHours(24),
        KeepsValueFor = TimeSpan.FromHours(24),
    };

    public static void AddQuickBooks(this IServiceCollection services)
    {
        services.AddOptions<QuickBooksOptions>().BindConfiguration(QuickBooksOptions.Section);
        services.AddSingleton(new QuickBooksTokens(new(Real)));
        services.AddSingleton(provider => new QuickBooksOrganisations(
            new(QuickBooksOAuth.Name, number => $"{9_130_000_000_000_000L + number}", provider.GetRequiredService<Journal>())));
        services.AddSingleton<QuickBooksOAuth>();
        services.AddSingleton<IOAuthDialect>(provider => provider.GetRequiredService<QuickBooksOAuth>());
        services.AddSingleton<ISandboxProvider, QuickBooksProvider>();
    }
}
