namespace FinanceIntegrations.Data.Endpoints;

/// <summary>Told after an endpoint was created, changed, rotated or deleted, so that nobody goes on with what it was.</summary>
public interface IWebhookEndpointChanges
{
    void Changed(Guid endpointId);
}

/// <summary>For processes that keep no endpoints in memory.</summary>
internal sealed class NobodyListens : IWebhookEndpointChanges
{
    public void Changed(Guid endpointId)
    {
    }
}
