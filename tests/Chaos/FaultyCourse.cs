using System.Text;
using System.Text.Json;
using FinanceIntegrations.Testing;

namespace FinanceIntegrations.Chaos;

/// <summary>
/// A course of things that a seed decides: an account, and rounds of faults at the provider, a sync, changes at the provider while it is
/// under way, webhooks, kill -9. What happened is told by <see cref="ToString"/>.
/// </summary>
internal sealed class FaultyCourse(int seed, ProductCluster product, ApiUser user, Func<Task> killSilo, CancellationToken cancel)
{
    private const int Rounds = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string[] Paths =
        ["/v1/", "/v1/balance_transactions", "/v1/charges", "/v1/payouts", "/v1/refunds", "/v1/disputes", "/v1/events", "/v1/balance", "/v1/account"];

    private static readonly string[] Changes = ["charge", "refund", "payout", "payout_paid", "payout_failed", "dispute", "dispute_closed"];

    private static readonly int[] Statuses = [400, 401, 402, 403, 404, 409, 429, 500, 502, 503, 504];

    private readonly Random _chance = new(seed);
    private readonly StringBuilder _told = new();
    private readonly int _killRound = new Random(seed).Next(Rounds);

    public string Integration { get; private set; } = "";

    public string Account { get; private set; } = "";

    public async Task RunAsync()
    {
        Account = await product.Sandbox.NewAccountAsync(Tell("transactions", _chance.Next(300, 1_200)), seed, cancel);
        Integration = await user.CreateStripeAsync($"Seed {seed}", cancel: cancel);
        var faults = new List<IAsyncDisposable> { await FaultAsync(new { kind = "latency", milliseconds = 40, path = "/v1/", times = -1, probability = 0.3 }) };
        for (var round = 0; round < Rounds; round++)
        {
            for (var more = _chance.Next(1, 5); more > 0; more--) faults.Add(await FaultAsync(AnyFault()));
            await SyncAsync(round);
            if (_chance.Next(3) > 0) await ChangeAsync();
            if (round == _killRound || _chance.Next(4) == 0) await KillAsync();
            if (_chance.Next(2) == 0) await ChangeAsync();
            if (_chance.Next(2) == 0) await EndOfRunAsync();
        }
        foreach (var fault in faults) await fault.DisposeAsync();
    }

    public override string ToString() => _told.ToString();

    /// <summary>Begins with the consent, which starts the first sync. Then waits until some calls were made, or the sync has ended.</summary>
    private async Task SyncAsync(int round)
    {
        var since = await product.Sandbox.LastSequenceAsync(cancel);
        if (round == 0)
        {
            await user.ConnectAsync(Integration, Account, cancel);
        }
        else
        {
            var full = _chance.Next(4) == 0;
            var answer = await Eventually.HoldsAsync("a sync may be asked for",
                () => user.PostAsync($"/{Integration}/sync?force=true{(full ? "&full=true" : "")}", cancel: cancel),
                asked => asked.Ok || asked.Code is "circuit_open" or "sync_running", Patience, cancel);
            Tell(full ? "full sync" : "sync", answer.Ok ? "begun" : answer.Code!);
        }
        var calls = Tell("calls", _chance.Next(1, 25));
        await Eventually.HoldsAsync($"{calls} calls, or the end of the run",
            async () => (await product.Sandbox.RequestsAsync(since: since, cancel: cancel)).Count >= calls || await OpenRunsAsync() == 0, Patience, cancel);
    }

    /// <summary>Something changes at the provider; half of the time webhooks say so, some of them twice, in any order.</summary>
    private async Task ChangeAsync()
    {
        var kind = Changes[_chance.Next(Changes.Length)];
        var (_, events) = await product.Sandbox.AdvanceAsync(Account, Tell("change", kind), _chance.Next(1, 4), cancel: cancel);
        if (_chance.Next(2) == 0) return;
        foreach (var told in events.OrderBy(_ => _chance.Next()).ToList())
            await product.Sandbox.SendWebhooksAsync(
                new { url = product.StripeWebhooks, secret = product.StripeWebhookSecret, account = Account, event_id = told, duplicate = _chance.Next(1, 3) }, cancel);
        Tell("webhooks", events.Count);
    }

    private async Task KillAsync()
    {
        Tell("kill with open runs", await OpenRunsAsync());
        await killSilo();
    }

    private Task EndOfRunAsync() => Eventually.HoldsAsync("the run ends", async () => await OpenRunsAsync() == 0, Patience, cancel);

    private Task<long> OpenRunsAsync() => product.ScalarAsync<long>(
        "select count(*) from sync_runs where integration_id = $1 and ended_at is null", cancel, Guid.Parse(Integration));

    private object AnyFault()
    {
        var (path, times, after) = (Paths[_chance.Next(Paths.Length)], _chance.Next(1, 6), _chance.Next(0, 8));
        return _chance.Next(9) switch
        {
            0 or 1 => new { kind = "status", status = Statuses[_chance.Next(Statuses.Length)], path, times, after },
            2 => new { kind = "rate_limited", retry_after = (int?)_chance.Next(0, 4), path, times, after },
            3 => new { kind = "rate_limited", retry_after = (int?)null, path, times, after },
            4 or 5 => new { kind = "cut", path, times, after },
            6 => new { kind = "truncated", path, times, after },
            7 => new { kind = "malformed", path, times, after },
            _ => new { kind = "hang", path, times = Math.Min(times, 3), after },
        };
    }

    private Task<IAsyncDisposable> FaultAsync(object fault)
    {
        Tell("fault", JsonSerializer.Serialize(fault));
        return product.Sandbox.FaultAsync(fault, cancel);
    }

    private T Tell<T>(string what, T value)
    {
        _told.Append(what).Append(": ").Append(value).AppendLine();
        return value;
    }
}
