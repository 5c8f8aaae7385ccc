using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.OAuth;
using FinanceIntegrations.Sandbox.Square.Ledger;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Sandbox.Square;

/// <summary><c>/oauth2/revoke</c> and <c>/oauth2/token/status</c>.</summary>
internal sealed class SquareConsents(
    IOptions<SquareOptions> options, SquarePlatform platform, SquareAuthentication authentication, GrantStore grants)
{
    public void Map(IEndpointRouteBuilder square)
    {
        square.MapPost("/oauth2/revoke", RevokeAsync);
        square.MapPost("/oauth2/token/status", StatusAsync);
    }

    /// <summary>The application proves itself by its secret, in the scheme <c>Client</c>; exactly one of token and seller says whose.</summary>
    private async Task RevokeAsync(HttpContext http)
    {
        var body = await http.Request.ReadFromJsonAsync<JsonObject>(http.RequestAborted);
        string? token = (string?)body?["access_token"], merchant = (string?)body?["merchant_id"];
        if (http.Request.Headers.Authorization != $"Client {options.Value.ClientSecret}" || (string?)body?["client_id"] != options.Value.ClientId)
        {
            await SquareError.Unauthorized.WriteAsync(http);
            return;
        }
        if (token is null == merchant is null)
        {
            await SquareError.Bad("CONFLICTING_PARAMETERS", "Exactly one of `access_token` and `merchant_id` is required.", "access_token").WriteAsync(http);
            return;
        }
        var seller = platform.Find(merchant ?? grants.Find(token)?.Subject ?? "");
        if (seller is null || grants.Living(SquareOAuth.Name, seller.Id, GrantKind.AccessToken) is null)
        {
            await SquareError.NotFound("Access token").WriteAsync(http);
            return;
        }
        if ((bool?)body!["revoke_only_access_token"] == true) grants.Revoke(SquareOAuth.Name, seller.Id, GrantKind.AccessToken);
        else platform.Revoke(seller, "APPLICATION");
        await http.Response.WriteAsJsonAsync(new JsonObject { ["success"] = true });
    }

    private async Task StatusAsync(HttpContext http)
    {
        if (authentication.Identify(http, scope: null, out var error) is not { } caller)
        {
            await error!.WriteAsync(http);
            return;
        }
        await http.Response.WriteAsJsonAsync(new JsonObject
        {
            ["scopes"] = new JsonArray([.. caller.Grant.Scope.Split(' ').Select(scope => (JsonNode)scope)]),
            ["expires_at"] = caller.Grant.ExpiresAt is { } end ? SquareJson.Time(end * 1_000)[..19] + "Z" : null,
            ["client_id"] = options.Value.ClientId,
            ["merchant_id"] = caller.Seller.Id,
        });
    }
}
