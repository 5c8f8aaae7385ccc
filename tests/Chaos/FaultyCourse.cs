using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FinanceIntegrations.Testing;

namespace FinanceIntegrations.Chaos;

/// <summary>
/// A course of things at one provider that a seed decides: an account, and rounds of faults, a sync, changes while it is under way, webhooks.
/// What happened is told by <see cref="ToString"/>.
/// </summary>
internal sealed class FaultyCourse(int seed, FaultyProvider provider, ProductCluster product, ApiUser user, CancellationToken cancel)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // The same in every process, another one for each provider. HashCode has a seed of its own in each.
    private readonly Random _chance = new(provider.Name.Aggregate(seed, (sum, letter) => unchecked((sum * 31) + letter)));
    private readonly StringBuilder _told = new(provider.Name + "\n");
    private readonly List<IAsyncDisposable> _faults = [];

    public FaultyProvider Provider => provider;

    public string Integration { get; private set; } = "";

    public string Account { get; private set; } = "";

    public async Task BeginAsync()
    {
        Account = await provider.NewAccountAsync(Tell("rows", _chance.Next(300, 1_200)), seed);
        Integration = (await user.PostAsync("/", new { name = $"Seed {seed}", integration_type = "payment_processor", provider = provider.Name }, cancel))
            .MustBeOk("create")["id"];
        await FaultAsync(new { provider = provider.Name, kind = "latency", milliseconds = 40, path = provider.Paths[0], times = -1, probability = 0.3 });
    }

    /// <summary>Faults begin, and a sync, and most of the time something changes under it.</summary>
    public async Task StrikeAsync(int round)
    {
        for (var more = _chance.Next(1, 5); more > 0; more--) await FaultAsync(AnyFault());
        await SyncAsync(round);
        if (_chance.Next(3) > 0) await ChangeAsync();
    }

    public async Task GoOnAsync()
    {
        if (_chance.Next(2) == 0) await ChangeAsync();
        if (_chance.Next(2) == 0) await Eventually.HoldsAsync("the run ends", async () => await OpenRunsAsync() == 0, Patience, cancel);
    }

    /// <summary>The provider is well again, and where it said that the consent is gone, the user has given it again.</summary>
    public async Task MendAsync()
    {
        foreach (var fault in _faults) await fault.DisposeAsync();
        await Eventually.HoldsAsync("no run goes on from before", async () => await OpenRunsAsync() == 0, Patience, cancel);
        if ((string?)(await StatusAsync())["status"] != "expired") return;
        Tell("consent", "again");
        await user.ConnectAsync(Integration, Account, cancel);
    }

    public async Task<JsonNode> StatusAsync() => (await user.GetAsync($"/{Integration}/status", cancel)).MustBeOk("status").Json!;

    public override string ToString() => _told.ToString();

    /// <summary>Begins with the consent, which starts the first sync. Then waits until some calls were made, or the sync has ended.</summary>
    private async Task SyncAsync(int round)
    {
        var before = (await CallsAsync()).Count;
        if (round == 0)
        {
            await user.ConnectAsync(Integration, Account, cancel);
        }
        else
        {
            var full = _chance.Next(4) == 0;
            var answer = await Eventually.HoldsAsync("a sync may be asked for",
                () => user.PostAsync($"/{Integration}/sync?force=true{(full ? "&full=true" : "")}", cancel: cancel),
                asked => asked.Ok || asked.Code is "circuit_open" or "sync_running" or "authorization_expired", Patience, cancel);
            Tell(full ? "full sync" : "sync", answer.Ok ? "begun" : answer.Code!);
        }
        var calls = before + Tell("calls", _chance.Next(1, 25));
        await Eventually.HoldsAsync($"{calls} calls, or the end of the run", async () => (await CallsAsync()).Count >= calls || await OpenRunsAsync() == 0, Patience, cancel);
    }

    /// <summary>Something changes at the provider; half of the time webhooks say so, some of them twice, in any order.</summary>
    private async Task ChangeAsync()
    {
        var events = await provider.ChangeAsync(Account, Tell("change", provider.Changes[_chance.Next(provider.Changes.Count)]), _chance.Next(1, 4));
        if (_chance.Next(2) == 0) return;
        foreach (var told in events.OrderBy(_ => _chance.Next()).ToList()) await provider.TellAsync(Account, told, _chance.Next(1, 3));
        Tell("webhooks", events.Count);
    }

    private Task<IReadOnlyList<SandboxRequest>> CallsAsync() => product.Sandbox.RequestsAsync(provider.Name, Account, since: 0, cancel);

    private Task<long> OpenRunsAsync() => product.ScalarAsync<long>(
        "select count(*) from sync_runs where integration_id = $1 and ended_at is null", cancel, Guid.Parse(Integration));

    private object AnyFault()
    {
        var (at, path, times, after) = (provider.Name, provider.Paths[_chance.Next(provider.Paths.Count)], _chance.Next(1, 6), _chance.Next(0, 8));
        return _chance.Next(9) switch
        {
            0 or 1 => new { provider = at, kind = "status", status = provider.Statuses[_chance.Next(provider.Statuses.Count)], path, times, after },
            2 => new { provider = at, kind = "rate_limited", retry_after = (int?)_chance.Next(0, 4), path, times, after },
            3 => new { provider = at, kind = "rate_limited", retry_after = (int?)null, path, times, after },
            4 or 5 => new { provider = at, kind = "cut", path, times, after },
            6 => new { provider = at, kind = "truncated", path, times, after },
            7 => new { provider = at, kind = "malformed", path, times, after },
            _ => new { provider = at, kind = "hang", path, times = Math.Min(times, 3), after },
        };
    }

    private async Task FaultAsync(object fault)
    {
        Tell("fault", JsonSerializer.Serialize(fault));
        _faults.Add(await product.Sandbox.FaultAsync(fault, cancel));
    }

    private T Tell<T>(string what, T value)
    {
        _told.Append(what).Append(": ").Append(value).AppendLine();
        return value;
    }
}
