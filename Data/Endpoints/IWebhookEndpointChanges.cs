namespace FinanceIntegrations.Data.Endpoints;

/// <summary>Told after an endpoint was created, changed, rotated or deleted, so that nobody goes on with what it was.</summary>
public interface IWebhookEndpointChanges
{
    void Changed(Guid endpointId);
}
