using System.Globalization;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Chaos;

/// <summary>One integration's refresh, held at a point by the sandbox's faults or a lock in PostgreSQL until the silo that makes it is killed.</summary>
internal sealed class KilledRefresh(ProductCluster product, ApiUser user, string id)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>A demand is answered by tokens as young as this.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(11);

    private static readonly Dictionary<string, string> TokenPath =
        new() { ["xero"] = "/connect/token", ["quickbooks"] = "/oauth2/v1/tokens/bearer" };

    private string _token = "";
    private int _rotations;
    private IAsyncDisposable? _fault;
    private HeldWrite? _write;

    public string Id => id;

    public required string Provider { get; init; }

    public required string Account { get; init; }

    public required KillPoint Point { get; init; }

    /// <summary>A refresh that is demanded now is made.</summary>
    public Task ReadyAsync(CancellationToken cancel) => Eventually.HoldsAsync("the tokens are old enough to be refreshed on demand",
        () => StateAsync<DateTime>("(p #>> '{tokens,obtained_at}')::timestamptz", cancel),
        obtained => TimeProvider.System.GetUtcNow() - obtained > Fresh, Patience, cancel);

    /// <summary>Demands a refresh and answers when it is where the silo is to die.</summary>
    public async Task HoldAsync(string silo, CancellationToken cancel)
    {
        (_token, _rotations) = (await TokenAsync(cancel), await RotationsAsync(cancel));
        Assert.Equal(silo, Point switch
        {
            KillPoint.BeforeTheIntent => await BeforeItsWriteAsync(cancel),
            KillPoint.AfterTheIntent => await DuringItsCallAsync("hang", ArrivalsAsync, cancel),
            KillPoint.AfterTheProviderRotated => await DuringItsCallAsync("lost", () => RotationsAsync(cancel), cancel),
            KillPoint.AfterItsAnswer => await AfterItsAnswerAsync(cancel),
            _ => await AfterItsCommitAsync(cancel),
        });

        Task<int> ArrivalsAsync() => product.Sandbox.ArrivalsAsync(Provider, TokenPath[Provider], cancel);
    }

    /// <summary>Its silo is dead: nothing holds what comes next.</summary>
    public async Task ReleaseAsync(CancellationToken cancel)
    {
        if (_fault is not null) await _fault.DisposeAsync();
        if (_write is not null)
        {
            await _write.EndAsync(Patience, cancel);
            await _write.DisposeAsync();
        }
        (_fault, _write) = (null, null);
    }

    /// <summary>The provider has rotated the token, and its new one is not stored.</summary>
    public async Task<bool> IsLostAsync(CancellationToken cancel) =>
        await RotationsAsync(cancel) > _rotations && await TokenAsync(cancel) == _token;

    /// <summary>The refresh has come to an end, whoever ended it: the status.</summary>
    public Task<string> SettledAsync(TimeSpan limit, CancellationToken cancel) => Eventually.HoldsAsync("the refresh is settled", async () =>
    {
        await DemandAsync(cancel);
        return await StateAsync<string>("case when p -> 'refresh' = 'null' then p ->> 'status' else 'refreshing' end", cancel);
    }, status => status is "active" or "expired", limit, cancel);

    public Task ReconnectAsync(CancellationToken cancel) => user.ConnectAsync(id, Account, cancel);

    /// <summary>As soon as the cluster has noticed that the silo is dead: until then the api refuses, and says when to come again.</summary>
    public async Task<string?> SyncsAsync(TimeSpan limit, CancellationToken cancel) =>
        (string?)(await Eventually.HoldsAsync("a sync can be asked for", () => user.SyncAsync(id, cancel: cancel), _ => true, limit, cancel))["status"];

    public Task<long> OpenItemsAsync(string kind, CancellationToken cancel) => product.ScalarAsync<long>(
        "select count(*) from attention_items where integration_id = $1 and kind = $2 and resolved_at is null", cancel, Guid.Parse(id), kind);

    /// <summary>For a failed assertion: what the sandbox saw.</summary>
    public async Task<string> TellAsync(CancellationToken cancel) => string.Join(", ",
        (await product.Sandbox.RefreshesAsync(Provider, Account, cancel)).Select(refresh => $"{refresh.At:T} {refresh.Presented} → {refresh.Issued ?? "-"} {refresh.Outcome}"));

    private async Task<string> BeforeItsWriteAsync(CancellationToken cancel)
    {
        _write = await HeldWrite.OfAsync(product, id, cancel);
        Demand(cancel);
        return await _write.ArrivedAsync(Patience, cancel);
    }

    /// <summary>The call hangs, before or after its effect.</summary>
    private async Task<string> DuringItsCallAsync(string kind, Func<Task<int>> count, CancellationToken cancel)
    {
        var before = await count();
        _fault = await FaultAsync(new { provider = Provider, path = TokenPath[Provider], kind }, cancel);
        Demand(cancel);
        await Eventually.HoldsAsync("the call is where it is to be", count, seen => seen > before, Patience, cancel);
        return await OwnerAsync(cancel);
    }

    private async Task<string> AfterItsAnswerAsync(CancellationToken cancel)
    {
        await using (await FaultAsync(new { provider = Provider, path = TokenPath[Provider], kind = "hold" }, cancel))
        {
            Demand(cancel);
            await OwnerAsync(cancel);
            _write = await HeldWrite.OfAsync(product, id, cancel);
        }
        return await _write.ArrivedAsync(Patience, cancel);
    }

    private async Task<string> AfterItsCommitAsync(CancellationToken cancel)
    {
        string silo;
        await using (await FaultAsync(new { provider = Provider, path = TokenPath[Provider], kind = "hold" }, cancel))
        {
            Demand(cancel);
            silo = await OwnerAsync(cancel);
        }
        await Eventually.HoldsAsync("the new tokens are stored", () => TokenAsync(cancel), seen => seen != _token, Patience, cancel);
        return silo;
    }

    private Task<IAsyncDisposable> FaultAsync(object fault, CancellationToken cancel) => product.Sandbox.FaultAsync(fault, cancel);

    private Task<ApiAnswer> DemandAsync(CancellationToken cancel) => user.PostAsync($"/{id}/oauth/refresh", cancel: cancel);

    /// <summary>Its answer may never come: the one who makes it dies.</summary>
    private void Demand(CancellationToken cancel) => _ = DemandAsync(cancel).ContinueWith(demand => demand.Exception, TaskScheduler.Default);

    /// <summary>The silo that the open intent belongs to.</summary>
    private async Task<string> OwnerAsync(CancellationToken cancel)
    {
        var owner = await Eventually.HoldsAsync("the intent is stored",
            () => StateAsync<string>("coalesce(p #>> '{refresh,owner}', '')", cancel), seen => seen.Length > 0, Patience, cancel);
        var port = int.Parse(owner.Split(':')[1], CultureInfo.InvariantCulture);   // S127.0.0.1:port:generation/activation
        var silos = product.Processes.Ports.Silos.Select(one => one.Silo).ToList();
        return product.Processes.Names.Where(name => name.StartsWith("silo", StringComparison.Ordinal)).ElementAt(silos.IndexOf(port));
    }

    /// <summary>Tells the stored tokens apart.</summary>
    private Task<string> TokenAsync(CancellationToken cancel) => StateAsync<string>("coalesce(p #>> '{tokens,refresh_token}', '')", cancel);

    private async Task<int> RotationsAsync(CancellationToken cancel) =>
        (await product.Sandbox.RefreshesAsync(Provider, Account, cancel)).Count(refresh => refresh.Outcome == "rotated");

    private Task<T> StateAsync<T>(string expression, CancellationToken cancel) => product.ScalarAsync<T>($"""
        select {expression} from orleans_state s cross join lateral (select convert_from(s.payload, 'UTF8')::jsonb) j (p)
        where s.grain_type = 'integration' and p ->> 'id' = $1
        """, cancel, id);
}
