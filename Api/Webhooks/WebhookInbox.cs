using System.Buffers;
using FinanceIntegrations.Api.Limits;
using FinanceIntegrations.Api.Problems;
using FinanceIntegrations.Data.Endpoints;
using FinanceIntegrations.Data.Webhooks;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Webhooks;
using FinanceIntegrations.Providers;
using Microsoft.Extensions.Options;
using Npgsql;

namespace FinanceIntegrations.Api.Webhooks;

/// <summary>The webhook front end: raw bytes → size cap → verify → one durable insert → 2xx. Nothing is parsed before it is verified.</summary>
internal static class WebhookInbox
{
    private const long ServerReadsAhead = 1024 * 1024;

    private static readonly byte[] Received = """{"status":"received"}"""u8.ToArray();

    public static IServiceCollection AddWebhookInbox(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<WebhookOptions>().BindConfiguration(WebhookOptions.Section).ValidateDataAnnotations();
        services.AddSingleton<EndpointLookup>();
        services.AddSingleton<InboxStore>();
        services.AddSingleton<EndpointDirectory>();
        services.AddSingleton<IWebhookEndpointChanges>(s => s.GetRequiredService<EndpointDirectory>());
        services.AddSingleton<GroupCommit>();
        services.AddHostedService(s => s.GetRequiredService<GroupCommit>());
        return services;
    }

    /// <summary>Providers sign; they carry no token of ours.</summary>
    public static void MapWebhookInbox(this IEndpointRouteBuilder routes)
    {
        // In place of the server's own limit, and beyond ours, so that it is we who say that a body is too large.
        var limit = new BodyLimit(routes.ServiceProvider.GetRequiredService<IOptions<WebhookOptions>>().Value.MaxBodyBytes + ServerReadsAhead);
        routes.MapPost("/webhooks/{provider}", Receive).AllowAnonymous().DisableRateLimiting().WithMetadata(limit)
            .WithName("ReceiveWebhook").WithSummary("Take a provider's signed event, at the application's endpoint").WithTags("Webhooks");
        routes.MapPost("/webhooks/{provider}/{endpointId:guid}", Receive).AllowAnonymous().DisableRateLimiting().WithMetadata(limit)
            .WithName("ReceiveWebhookOfEndpoint").WithSummary("Take a provider's signed event, at an integration's own endpoint").WithTags("Webhooks");
    }

    private static async Task Receive(HttpContext context)
    {
        var services = context.RequestServices;
        var cancel = context.RequestAborted;
        if (!ProviderId.TryParse((string?)context.GetRouteValue("provider"), out var provider)
            || services.GetRequiredService<ProviderCatalogue>().Webhooks(provider) is not { } webhooks)
        {
            await Refuse(context, StatusCodes.Status404NotFound, "provider_not_found", "There is no such provider here.");
            return;
        }
        if (await Read(context, services.GetRequiredService<IOptions<WebhookOptions>>().Value.MaxBodyBytes, cancel) is not { } body)
        {
            await Refuse(context, StatusCodes.Status413PayloadTooLarge, "body_too_large", "The event is larger than this endpoint takes.");
            return;
        }

        LiveEndpoint? endpoint;
        try
        {
            var directory = services.GetRequiredService<EndpointDirectory>();
            endpoint = context.GetRouteValue("endpointId") is string own
                ? await directory.FindAsync(provider, Guid.Parse(own))
                : await directory.OfAppAsync(provider);
        }
        catch (NpgsqlException)
        {
            await Unavailable(context);   // the directory's log has it; the provider sends again
            return;
        }
        if (endpoint is null)
        {
            await Refuse(context, StatusCodes.Status404NotFound, "webhook_endpoint_not_found", "There is no such webhook endpoint.");
            return;
        }

        var (values, now) = (Signature(context, webhooks), services.GetRequiredService<TimeProvider>().GetUtcNow());
        var verdict = endpoint.Secrets.Length == 0 ? WebhookVerdict.Forged : webhooks.Verify(body, values, endpoint.Secrets, now);
        if (verdict == WebhookVerdict.Undecided && webhooks is IDecidesWebhooks decides)
            verdict = await decides.DecideAsync(body, values, endpoint.Secrets, now, cancel);
        if (verdict == WebhookVerdict.Undecided)
        {
            await Unavailable(context, "verification_unavailable", "The event could not be verified now. Send it again.");
            return;
        }
        if (verdict != WebhookVerdict.Authentic)
        {
            await Refuse(context, StatusCodes.Status400BadRequest, CodeOf(verdict), "The signature does not authenticate this event.");
            return;
        }
        if (webhooks.ReadEnvelope(body) is not { } envelope)
        {
            await Refuse(context, StatusCodes.Status400BadRequest, "event_invalid", "The signed body is not an event of this provider.");
            return;
        }

        var stored = await services.GetRequiredService<GroupCommit>().StoreAsync(new(
            endpoint.Id, provider.Value, envelope.EventId, envelope.EventType, envelope.Account, envelope.OccurredAt, body, endpoint.Wants(envelope.EventType)));
        await (stored switch
        {
            Stored.Yes => Acknowledge(context, webhooks),
            Stored.Unstorable => Refuse(context, StatusCodes.Status400BadRequest, "event_invalid", "The event holds text that cannot be kept."),
            _ => Unavailable(context),
        });
    }

    /// <summary>The body as one array that lives until it is stored. Null: over the cap.</summary>
    private static async ValueTask<byte[]?> Read(HttpContext context, int cap, CancellationToken cancel)
    {
        if (context.Request.ContentLength > cap) return null;
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(cancel);
            if (read.Buffer.Length > cap) return null;
            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static string[] Signature(HttpContext context, IReadsWebhooks webhooks)
    {
        var names = webhooks.SignatureHeaders;
        var values = new string[names.Count];
        for (var i = 0; i < values.Length; i++) values[i] = context.Request.Headers[names[i]].ToString();
        return values;
    }

    private static string CodeOf(WebhookVerdict verdict) => verdict switch
    {
        WebhookVerdict.Missing => "signature_missing",
        WebhookVerdict.Expired => "signature_expired",
        _ => "signature_invalid",
    };

    private static Task Acknowledge(HttpContext context, IReadsWebhooks webhooks)
    {
        var body = webhooks.Acknowledgement is { } own ? System.Text.Encoding.UTF8.GetBytes(own) : Received;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private static Task Unavailable(
        HttpContext context, string code = "database_unavailable", string detail = "The event was not stored. Send it again.")
    {
        context.Response.Headers.RetryAfter = "5";
        return Refuse(context, StatusCodes.Status503ServiceUnavailable, code, detail);
    }

    private static Task Refuse(HttpContext context, int status, string code, string detail) =>
        Problem.Of(status, code, detail).ExecuteAsync(context);
}
