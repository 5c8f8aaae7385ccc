using System.Text;
using FinanceIntegrations.Data.Webhooks;
using Npgsql;
using Xunit;

namespace FinanceIntegrations.Grains.Tests.Cluster;

/// <summary>Stores events as the Api does, at the app's endpoint of the scripted provider. Gives no hint.</summary>
public sealed class Inbox(NpgsqlDataSource database, SharedClock clock)
{
    private readonly InboxStore _store = new(database);
    private int _events;

    public async Task ReceiveAsync(Connection connection, params (string Type, string Body)[] events)
    {
        var endpoint = await EndpointAsync(connection.Provider);
        var routed = await _store.StoreAsync([.. events.Select(e => Event(endpoint, connection, e.Type, e.Body))], clock.Now, default);
        Assert.Equal([connection.Id], routed);
    }

    /// <summary>The app's at a provider.</summary>
    public async Task<Guid> EndpointAsync(string provider)
    {
        await using var command = database.CreateCommand("select id from webhook_endpoints where provider = $1 and integration_id is null");
        command.Parameters.Add(new() { Value = provider });
        return (Guid)(await command.ExecuteScalarAsync())!;
    }

    private InboxEvent Event(Guid endpoint, Connection connection, string type, string body) => new(
        endpoint, connection.Provider, $"{connection.Id}-{_events++}", type, connection.Script.Account, clock.Now,
        Encoding.UTF8.GetBytes(body), Wanted: true);
}
