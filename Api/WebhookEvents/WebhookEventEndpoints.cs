using FinanceIntegrations.Api.Auditing;
using FinanceIntegrations.Api.Auth;
using FinanceIntegrations.Api.Cluster;
using FinanceIntegrations.Api.Lists;
using FinanceIntegrations.Api.Problems;
using FinanceIntegrations.Data.Endpoints;
using FinanceIntegrations.Data.Reading;
using FinanceIntegrations.Domain.Auditing;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FinanceIntegrations.Api.WebhookEvents;

/// <summary>What providers sent, what became of it, and taking it again.</summary>
internal static class WebhookEventEndpoints
{
    public static void MapWebhookEvents(this RouteGroupBuilder integration)
    {
        var events = integration.MapGroup("/webhook-events").WithTags("Webhook events");
        events.MapGet("/", List).WithName("ListWebhookEvents").WithSummary("List webhook events");
        events.MapGet("/{event:long}", Get).WithName("GetWebhookEvent").WithSummary("Read a webhook event with its payload");
        events.MapPost("/{event:long}/replay", ReplayOne).Audited(AuditActions.EventsReplayed).WithName("ReplayWebhookEvent").WithSummary("Take an event again");
        events.MapPost("/replay", ReplayMany).WithName("ReplayWebhookEvents").WithSummary("Take the events again that match")
            .ProducesValidationProblem();
    }

    private static async Task<Results<Ok<Page<WebhookEvent>>, ProblemHttpResult>> List(
        [AsParameters] PageQuery page, string? status, string? type, DateTimeOffset? from, DateTimeOffset? to, OwnedIntegration integration,
        WebhookEventReader events, CancellationToken cancel)
    {
        if (page.Read(Positions.NewestNumber, out var before) is { } refused) return refused;
        if (!DeliveryStatus.IsKnown(status)) return Problem.Invalid("status", DeliveryStatus.Message);
        var rows = await events.ListAsync(integration.Id, new(status, type, Period.Between(from, to)), before.Id, page.Size + 1, cancel);
        return TypedResults.Ok(page.Of(rows, e => new Position<long>(e.ReceivedAt, e.EventId)));
    }

    private static async Task<Results<Ok<WebhookEventDocument>, ProblemHttpResult>> Get(
        long @event, OwnedIntegration integration, WebhookEventReader events, CancellationToken cancel) =>
        await events.FindAsync(integration.Id, @event, cancel) is { } found
            ? TypedResults.Ok(new WebhookEventDocument(found))
            : Problem.NotFound("webhook_event");

    private static async Task<Results<Accepted<ReplayAnswer>, ProblemHttpResult>> ReplayOne(
        long @event, OwnedIntegration integration, WebhookReplay replay, IntegrationGrains grains, CancellationToken cancel)
    {
        if (!await replay.OneAsync(integration.Id, @event, cancel)) return Problem.NotFound("webhook_event");
        await grains.Get(integration.Id).TakeWebhooks();
        return TypedResults.Accepted($"/api/integrations/{integration.Id}/webhook-events/{@event}", new ReplayAnswer(1));
    }

    private static async Task<Accepted<ReplayAnswer>> ReplayMany(
        ReplayRequest? request, OwnedIntegration integration, WebhookReplay replay, IntegrationGrains grains, HttpContext http, CancellationToken cancel)
    {
        var wanted = request ?? new();
        await http.AuditAsync(AuditActions.EventsReplayed, null, wanted.Described);
        var filter = new WebhookEventFilter(wanted.Status, wanted.EventType, Period.Between(wanted.From, wanted.To));
        var count = await replay.ManyAsync(integration.Id, filter, wanted.Limit ?? ReplayRequest.DefaultLimit, cancel);
        await http.AuditAsync(AuditActions.EventsReplayed, null, new Dictionary<string, string?> { ["replayed"] = $"{count}" });
        if (count > 0) await grains.Get(integration.Id).TakeWebhooks();
        return TypedResults.Accepted($"/api/integrations/{integration.Id}/webhook-events", new ReplayAnswer(count));
    }
}
