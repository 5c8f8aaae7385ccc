using FinanceIntegrations.Sandbox.Stripe.Ledger;
using Microsoft.AspNetCore.WebUtilities;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>The read side of <c>/v1</c>.</summary>
internal sealed class StripeApi(StripePlatform platform, StripeAuthentication authentication)
{
    public void Map(IEndpointRouteBuilder stripe)
    {
        foreach (var resource in Resource.All)
        {
            stripe.MapGet(resource.Path, http => Answer(http, account => ListAsync(http, account, resource)));
            stripe.MapGet(resource.Path + "/{id}", http => Answer(http, account => OneAsync(http, account, resource)));
        }
        stripe.MapGet("/v1/balance", http => Answer(http, account => StripeAnswer.WriteAsync(http, BalanceJson.Write(account.Books))));
        stripe.MapGet("/v1/account", http => Answer(http, account => StripeAnswer.WriteAsync(http, account.Json)));
        stripe.MapGet("/v1/accounts/{id}", http => Answer(http, account => AccountAsync(http, account)));
        stripe.MapGet("/v1/files/{id}/contents", http => Answer(http, account => ContentsAsync(http, account)));
        stripe.Map("/v1/{**rest}", http => Answer(http, _ => UnknownAsync(http)));
    }

    private Task Answer(HttpContext http, Func<StripeAccount, Task> answer) =>
        authentication.Identify(http, out var error) is { } account ? answer(account) : error!.WriteAsync(http);

    private static Task UnknownAsync(HttpContext http) =>
        StripeError.UnknownUrl(http.Request.Method, http.Request.Path.Value!["/stripe".Length..]).WriteAsync(http);

    private Task AccountAsync(HttpContext http, StripeAccount caller)
    {
        var id = (string)http.Request.RouteValues["id"]!;
        if (id == caller.Id) return StripeAnswer.WriteAsync(http, caller.Json);
        return caller == platform.Own && platform.Find(id) is { GrantedScope: not null } account
            ? StripeAnswer.WriteAsync(http, account.Json)
            : StripeError.NoAccess(platform.SecretKey, id).WriteAsync(http);
    }

    private static async Task ContentsAsync(HttpContext http, StripeAccount account)
    {
        var id = (string)http.Request.RouteValues["id"]!;
        UploadedFile? file;
        lock (account.Books.Gate) file = account.Books.Files.Find(id);
        if (file is null)
        {
            await StripeError.Missing(404, "file upload", id, "id").WriteAsync(http);
            return;
        }
        http.Response.ContentType = "application/octet-stream";
        http.Response.ContentLength = file.Content.Length;
        await http.Response.BodyWriter.WriteAsync(file.Content);
    }

    private static Task OneAsync(HttpContext http, StripeAccount account, Resource resource)
    {
        var id = (string)http.Request.RouteValues["id"]!;
        var expand = new List<string>();
        foreach (var pair in new QueryStringEnumerable(http.Request.QueryString.Value))
        {
            var name = pair.DecodeName().ToString();
            if (!name.StartsWith("expand[", StringComparison.Ordinal)) return StripeError.UnknownParameter(name).WriteAsync(http);
            expand.Add(pair.DecodeValue().ToString());
        }
        byte[]? body;
        lock (account.Books.Gate) body = resource.Shelf(account.Books).Find(id)?.Json;
        if (body is null) return StripeError.Missing(404, resource.Noun, id, "id").WriteAsync(http);
        if (expand.Count == 0) return StripeAnswer.WriteAsync(http, body);
        var (expanded, refused) = Expansion.Expand(body, expand, account.Books, inList: false);
        return refused is null ? StripeAnswer.WriteAsync(http, expanded) : refused.WriteAsync(http);
    }

    private static Task ListAsync(HttpContext http, StripeAccount account, Resource resource)
    {
        var (query, error) = ListParameters.Read(http.Request.QueryString, resource);
        if (error is not null) return error.WriteAsync(http);
        Page page;
        lock (account.Books.Gate)
        {
            var shelf = resource.Shelf(account.Books);
            if ((query.StartingAfter ?? query.EndingBefore) is { } cursor && shelf.Find(cursor) is null)
                error = StripeError.Missing(400, resource.Noun, cursor, query.StartingAfter is null ? "ending_before" : "starting_after");
            else if (query.Equal.TryGetValue("payout", out var payout) && account.Books.Payouts.Find(payout) is null)
                error = StripeError.Missing(400, "payout", payout, "payout");
            else if (payout is not null && account.Books.Payouts.Find(payout) is { Automatic: false })
                error = StripeError.NotItemised;
            page = error is null ? shelf.Read(query) : default;
        }
        if (error is not null) return error.WriteAsync(http);
        if (query.Expand.Count > 0)
        {
            (page, error) = Expansion.Expand(page, query.Expand, account.Books);
            if (error is not null) return error.WriteAsync(http);
        }
        return ListAnswer.WriteAsync(http, resource.Path, page);
    }
}
