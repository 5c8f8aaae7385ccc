using FinanceIntegrations.Grains.Abstractions;
using Xunit;

namespace FinanceIntegrations.Grains.Tests.Cluster;

/// <summary>An integration under test: its grain, and its account at the provider.</summary>
public sealed class Connection(IIntegrationGrain grain, Script script, string provider)
{
    public const string Owner = "owner";

    private const string Nonce = "0123456789abcdef0123456789abcdef";

    public IIntegrationGrain Grain => grain;

    public Guid Id { get; } = grain.GetPrimaryKey();

    public string Provider => provider;

    public Script Script => script;

    public static CreateIntegration Definition(int frequency, string? provider = null) => new()
    {
        Owner = Owner,
        Name = "Books",
        Type = "accounting",
        Provider = provider ?? ScriptedProvider.Id.Value,
        SyncFrequencyMinutes = frequency,
    };

    public async Task<IntegrationStatusView> CreateAsync(int frequency) => Value(await grain.Create(Definition(frequency, provider)));

    /// <summary>Consent, from the authorization to the tokens. The first sync starts with it.</summary>
    public async Task AuthorizeAsync() => Value(await CompletedAsync());

    public async Task<Refusal> RefusedAuthorizationAsync() => Refused(await CompletedAsync());

    public async Task<IntegrationStatusView> StatusAsync() => Value(await grain.GetStatus());

    public async Task<SyncTicket> SyncAsync(bool full = false) => Value(await grain.StartSync(Sync(full)));

    public async Task<Refusal> RefusedSyncAsync(bool force = true) => Refused(await grain.StartSync(Sync() with { Force = force }));

    public async Task<IntegrationStatusView> SwitchAsync(bool on) =>
        Value(await grain.Update(new() { Name = "Books", SyncFrequencyMinutes = 60, IsActive = on }));

    public Task<Reply<RemapView>> RemapAsync(RemapParked command) => grain.Remap(command);

    public Task<Reply<SettledView>> ResolveAsync(ResolveAttention decision) => grain.Resolve(decision);

    public static StartSync Sync(bool full = false) => new() { Force = true, Trigger = "user", Full = full };

    /// <summary>The same, whatever comes of it.</summary>
    public async Task<Reply<IntegrationStatusView>> CompletedAsync()
    {
        Value(await grain.BeginAuthorization(new() { Nonce = Nonce, State = "state", RedirectUri = "https://app.test/callback" }));
        return await grain.CompleteAuthorization(new() { Nonce = Nonce, Code = script.Code });
    }

    public static T Value<T>(Reply<T> reply)
        where T : class
    {
        Assert.Null(reply.Refusal);
        return reply.Value!;
    }

    public static Refusal Refused<T>(Reply<T> reply)
        where T : class
    {
        Assert.Null(reply.Value);
        return reply.Refusal!;
    }
}
