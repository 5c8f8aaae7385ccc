using FinanceIntegrations.Data.Webhooks;
using Npgsql;

namespace FinanceIntegrations.Data.Tests.Webhooks;

/// <summary>Events handed to the inbox as the webhook front end does.</summary>
internal sealed class Inbox(NpgsqlDataSource source, TimeProvider clock)
{
    private readonly InboxStore _store = new(source);

    public async Task<Guid> AppEndpointAsync(CancellationToken cancel, string provider = "stripe") =>
        (await new EndpointLookup(source, clock).OfAppAsync(provider, cancel))!.Id;

    public async Task<InboxEvent> EventAsync(string id, string? account, CancellationToken cancel, string payload = "{}") =>
        new(await AppEndpointAsync(cancel), "stripe", id, "payout.paid", account, clock.GetUtcNow(),
            System.Text.Encoding.UTF8.GetBytes(payload), true);

    public Task<IReadOnlyList<Guid>> StoreAsync(CancellationToken cancel, params InboxEvent[] events) =>
        _store.StoreAsync(events, clock.GetUtcNow(), cancel);

    /// <summary>Stores so many events of an account and answers their ids, oldest first.</summary>
    public async Task<IReadOnlyList<long>> FillAsync(string account, int count, CancellationToken cancel)
    {
        var names = Enumerable.Range(0, count).Select(n => $"{account}-{n:0000}-{Guid.CreateVersion7():N}").ToArray();
        var events = new List<InboxEvent>();
        foreach (var name in names) events.Add(await EventAsync(name, account, cancel));
        await StoreAsync(cancel, [.. events]);
        return await source.ListAsync<long>("select id from webhook_events where provider_event_id = any ($1) order by id", cancel,
            (object)names);
    }
}
