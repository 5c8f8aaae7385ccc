using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.OAuth;
using FinanceIntegrations.Sandbox.Square.Ledger;
using FinanceIntegrations.Sandbox.Webhooks;

namespace FinanceIntegrations.Sandbox.Square;

internal sealed record NewSeller(string? Id, int? Payments, long? Seed, string? Currency);

internal sealed record AdvanceOrder(AdvanceKind Kind, int? Count);

internal sealed record CursorOrder(double LifetimeSeconds);

/// <summary><c>/control/square</c>: sellers, their books, what happens to them, tokens, cursors and webhooks.</summary>
internal sealed class SquareControl(
    SquarePlatform platform, SquareWebhooks webhooks, WebhookTargets targets, SquareCursors cursors, SquareTokens tokens, RefreshLog refreshes,
    GrantStore grants)
{
    public void Map(IEndpointRouteBuilder control)
    {
        control.MapGet("/accounts", () => platform.Sellers.Select(Summary));
        control.MapPost("/accounts", (NewSeller order) => Country.All.FirstOrDefault(country => country.Currency == (order.Currency ?? "GBP")) is not { } country
            ? Refused($"currency is one of {string.Join(", ", Country.All.Select(one => one.Currency))}.")
            : platform.Create(order.Id, order.Payments ?? 300, order.Seed, country) is { } seller
                ? Results.Ok(Summary(seller))
                : Refused($"Account '{order.Id}' exists."));
        control.MapGet("/accounts/{id}/books", (string id) => On(id, seller => Results.Json(BooksJson(seller))));
        control.MapPost("/accounts/{id}/revoke", (string id) => On(id, seller => Told(platform.Revoke(seller, "MERCHANT"))));
        control.MapPost("/accounts/{id}/advance", (string id, AdvanceOrder order) => On(id, seller =>
            order.Count is < 1 or > 10_000 ? Refused("count must be from 1 to 10,000.") : Told(platform.Advance(seller, order.Kind, order.Count ?? 1))));
        control.MapPost("/cursors", (CursorOrder order) =>
        {
            cursors.LastFor((long)(order.LifetimeSeconds * 1_000));
            return Results.NoContent();
        });
        control.MapPost("/tokens", (TokenLifeOrder order) =>
        {
            tokens.Value.Change(order);
            return Results.NoContent();
        });
        control.MapGet("/refreshes", (string? account) => refreshes.Of(SquareOAuth.Name, account));
        MapWebhooks(control);
    }

    private void MapWebhooks(IEndpointRouteBuilder control)
    {
        control.MapPost("/webhooks", async (WebhookOrder order, CancellationToken cancel) =>
            !WebhookSender.IsAllowed(order.Url) ? Refused("url must be a loopback address.")
            : platform.Find(order.Account) is { } seller ? Results.Ok(await webhooks.SendAsync(order, seller, cancel))
            : NoSuchAccount(order.Account));
        control.MapGet("/webhook-targets", () => targets.All.Select(target => new { target.Url, target.Types }));
        control.MapPost("/webhook-targets", (WebhookTarget target) =>
        {
            if (!WebhookSender.IsAllowed(target.Url)) return Refused("url must be a loopback address.");
            targets.Add(target);
            return Results.NoContent();
        });
        control.MapDelete("/webhook-targets", () =>
        {
            targets.Clear();
            return Results.NoContent();
        });
    }

    private IResult On(string id, Func<Seller, IResult> answer) => platform.Find(id) is { } seller ? answer(seller) : NoSuchAccount(id);

    private static IResult NoSuchAccount(string id) => Results.NotFound(new { message = $"No such account: '{id}'" });

    private static IResult Refused(string message) => Results.BadRequest(new { message });

    private static IResult Told(Change change) => Results.Ok(new { change.Ids, EventIds = change.Events.Select(item => item.Id) });

    private object Summary(Seller seller) => new
    {
        seller.Id,
        seller.Name,
        Connected = grants.Living(SquareOAuth.Name, seller.Id, GrantKind.AccessToken) is not null,
        Locations = seller.Books.Locations.Count,
        Payments = seller.Books.Payments.Count,
        Refunds = seller.Books.Refunds.Count,
        Payouts = seller.Books.Payouts.Count,
        Disputes = seller.Books.Disputes.Count,
        Events = seller.Books.Events.Count,
    };

    /// <summary>Ground truth: everything as the API would give it, oldest first, and what each location has not been paid out yet.</summary>
    private static JsonObject BooksJson(Seller seller)
    {
        var books = seller.Books;
        lock (books.Gate)
        {
            return new JsonObject
            {
                ["account"] = seller.Id,
                ["main_location"] = books.Locations[0].Id,
                ["locations"] = Rows(books.Locations),
                ["payments"] = Rows(books.Payments),
                ["refunds"] = Rows(books.Refunds),
                ["payouts"] = Rows(books.Payouts),
                ["payout_entries"] = Rows(books.Payouts.SelectMany(payout => payout.Entries)),
                ["disputes"] = Rows(books.Disputes),
                ["dispute_evidence"] = new JsonArray([.. books.Disputes.SelectMany(dispute => dispute.Evidence).Select(piece => (JsonNode)piece.Json())]),
                ["events"] = new JsonArray([.. books.Events.Select(happened => JsonNode.Parse(happened.Body()))]),
                ["unpaid"] = new JsonArray([.. books.Unpaid.Select(unpaid => (JsonNode)new JsonObject
                {
                    ["location_id"] = unpaid.Location.Id,
                    ["currency"] = unpaid.Location.Country.Currency,
                    ["sales"] = unpaid.Sales,
                    ["all"] = unpaid.All,
                })]),
            };
        }
    }

    private static JsonArray Rows(IEnumerable<SquareObject> rows) => [.. rows.Select(row => (JsonNode)row.Json())];
}
