using System.Text.Json;

namespace FinanceIntegrations.Sandbox.Stripe.Ledger;

/// <summary>The API request that an event comes of; the default: none, it happened by itself.</summary>
internal readonly record struct EventCause(string? RequestId, string? IdempotencyKey);

/// <summary>Something that happened, with the object as it was then.</summary>
internal sealed class StripeEvent : StripeObject
{
    public required string Type { get; init; }
    public required string ApiVersion { get; init; }
    public required byte[] Snapshot { get; init; }
    public string? PreviousAttributes { get; init; }
    public EventCause Cause { get; init; }

    /// <summary>False once a delivery to a webhook target was given up.</summary>
    public bool Delivered { get; set; } = true;

    public override string? Value(string field) => field switch
    {
        "type" => Type,
        "delivery_success" => Delivered ? "true" : "false",
        _ => null,
    };

    /// <summary>The body that a Connect endpoint receives: it says whose event it is.</summary>
    public byte[] ForConnectEndpoint(string account, string? apiVersion) => Render(json =>
    {
        json.WriteString("id", Id);
        json.WriteString("object", "event");
        json.WriteString("account", account);
        WriteRest(json, apiVersion ?? ApiVersion, pendingWebhooks: 1);
    });

    protected override void Write(Utf8JsonWriter json)
    {
        json.WriteString("id", Id);
        json.WriteString("object", "event");
        WriteRest(json, ApiVersion, pendingWebhooks: 0);
    }

    private void WriteRest(Utf8JsonWriter json, string apiVersion, int pendingWebhooks)
    {
        json.WriteString("api_version", apiVersion);
        json.WriteNumber("created", Created);
        json.WriteStartObject("data");
        json.Raw("object", Snapshot);
        if (PreviousAttributes is not null)
        {
            json.WritePropertyName("previous_attributes");
            json.WriteRawValue(PreviousAttributes, skipInputValidation: true);
        }
        json.WriteEndObject();
        json.WriteBoolean("livemode", false);
        json.WriteNumber("pending_webhooks", pendingWebhooks);
        json.WriteStartObject("request");
        json.WriteString("id", Cause.RequestId);
        json.WriteString("idempotency_key", Cause.IdempotencyKey);
        json.WriteEndObject();
        json.WriteString("type", Type);
    }
}
