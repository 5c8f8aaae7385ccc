using System.Globalization;
using FinanceIntegrations.Testing;
using Npgsql;

namespace FinanceIntegrations.Chaos;

/// <summary>One integration's refresh, held at a point by the sandbox's faults or a lock in PostgreSQL, and the silo that makes it killed there.</summary>
internal sealed class KilledRefresh(ProductCluster product, ApiUser user, string provider, string account, string id)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>A demand is answered by tokens as young as this.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(11);

    private static readonly Dictionary<string, string> TokenPath =
        new() { ["xero"] = "/connect/token", ["quickbooks"] = "/oauth2/v1/tokens/bearer" };

    public string Id => id;

    /// <summary>A refresh that is demanded now is made.</summary>
    public Task ReadyAsync(CancellationToken cancel) => Eventually.HoldsAsync("the tokens are old enough to be refreshed on demand",
        () => StateAsync<DateTime>("(p #>> '{tokens,obtained_at}')::timestamptz", cancel),
        obtained => TimeProvider.System.GetUtcNow() - obtained > Fresh, Patience, cancel);

    /// <returns>The silo that was killed, and whether the provider had rotated the token while its new one was not stored.</returns>
    public async Task<(string Silo, bool Lost)> KillAsync(KillPoint point, CancellationToken cancel)
    {
        var (before, token) = (await RotationsAsync(cancel), await TokenAsync(cancel));
        var silo = await HoldAndKillAsync(point, cancel);
        var rotated = await RotationsAsync(cancel) > before;
        return (silo, rotated && await TokenAsync(cancel) == token);
    }

    /// <summary>The refresh has come to an end, whoever ended it: the status.</summary>
    public async Task<string> SettledAsync(TimeSpan limit, CancellationToken cancel) => await Eventually.HoldsAsync("the refresh is settled", async () =>
    {
        await user.PostAsync($"/{id}/oauth/refresh", cancel: cancel);
        return await StateAsync<string>("case when p -> 'refresh' = 'null' then p ->> 'status' else 'refreshing' end", cancel);
    }, status => status is "active" or "expired", limit, cancel);

    public Task<long> OpenItemsAsync(string kind, CancellationToken cancel) => product.ScalarAsync<long>(
        "select count(*) from attention_items where integration_id = $1 and kind = $2 and resolved_at is null", cancel, Guid.Parse(id), kind);

    /// <summary>For a failed assertion: what the sandbox saw.</summary>
    public async Task<string> TellAsync(CancellationToken cancel) => string.Join(", ",
        (await product.Sandbox.RefreshesAsync(provider, account, cancel)).Select(refresh => $"{refresh.At:T} {refresh.Presented} → {refresh.Issued ?? "-"} {refresh.Outcome}"));

    private Task<string> HoldAndKillAsync(KillPoint point, CancellationToken cancel) => point switch
    {
        KillPoint.BeforeTheIntent => KillAtTheWriteAsync(untilIntent: false, cancel),
        KillPoint.AfterTheIntent => KillDuringAsync(new { provider, path = TokenPath[provider], kind = "hang" },
            arrived => arrived > 0, () => product.Sandbox.ArrivalsAsync(provider, TokenPath[provider], cancel), cancel),
        KillPoint.AfterTheProviderRotated => KillDuringAsync(new { provider, path = TokenPath[provider], kind = "lost" },
            grown => grown > 0, () => RotationsAsync(cancel), cancel),
        KillPoint.AfterItsAnswer => KillAtTheWriteAsync(untilIntent: true, cancel),
        _ => KillAfterTheCommitAsync(cancel),
    };

    /// <summary>The call hangs, before or after its effect; the silo dies waiting for it.</summary>
    private async Task<string> KillDuringAsync(object fault, Func<int, bool> grew, Func<Task<int>> count, CancellationToken cancel)
    {
        var before = await count();
        await using var _ = await product.Sandbox.FaultAsync(fault, cancel);
        Demand(cancel);
        await Eventually.HoldsAsync("the call is where it is to be", count, seen => grew(seen - before), Patience, cancel);
        var silo = await OwnerAsync(cancel);
        await product.Processes.KillAsync(silo);
        return silo;
    }

    /// <summary>A lock on the integration's row holds the write: that of the intent, or that of the answer.</summary>
    private async Task<string> KillAtTheWriteAsync(bool untilIntent, CancellationToken cancel)
    {
        await using var slow = untilIntent
            ? await product.Sandbox.FaultAsync(new { provider, path = TokenPath[provider], kind = "latency", milliseconds = 2_000 }, cancel)
            : null;
        if (untilIntent)
        {
            Demand(cancel);
            await OwnerAsync(cancel);
        }
        await using var session = await product.Database.OpenConnectionAsync(cancel);
        await using var transaction = await session.BeginTransactionAsync(cancel);
        await using (var hold = new NpgsqlCommand("select 1 from integrations where id = $1 for update", session, transaction))
        {
            hold.Parameters.Add(new() { Value = Guid.Parse(id) });
            await hold.ExecuteNonQueryAsync(cancel);
        }
        if (!untilIntent) Demand(cancel);
        var silo = await Eventually.HoldsAsync("the write waits for the row",
            () => product.ScalarAsync<string>($"select coalesce(min(application_name), '') from pg_stat_activity where {Waits}", cancel),
            name => name.Length > 0, Patience, cancel);
        await product.Processes.KillAsync(silo);
        // PostgreSQL does not notice that its client died: it would go on with the write when the lock goes.
        await Eventually.HoldsAsync("the write is gone",
            () => product.ScalarAsync<long>($"select count(*) filter (where pg_terminate_backend(pid) is not null) from pg_stat_activity where {Waits}", cancel),
            left => left == 0, Patience, cancel);
        await transaction.RollbackAsync(cancel);
        return silo;
    }

    private async Task<string> KillAfterTheCommitAsync(CancellationToken cancel)
    {
        var token = await TokenAsync(cancel);
        await using var slow = await product.Sandbox.FaultAsync(new { provider, path = TokenPath[provider], kind = "latency", milliseconds = 1_000 }, cancel);
        Demand(cancel);
        var silo = await OwnerAsync(cancel);
        await Eventually.HoldsAsync("the new tokens are stored", () => TokenAsync(cancel), seen => seen != token, Patience, cancel);
        await product.Processes.KillAsync(silo);
        return silo;
    }

    private const string Waits = "wait_event_type = 'Lock' and query like '%orleans_write_state%' and pid <> pg_backend_pid()";

    /// <summary>Its answer may never come: the one who makes it dies.</summary>
    private void Demand(CancellationToken cancel) =>
        _ = user.PostAsync($"/{id}/oauth/refresh", cancel: cancel).ContinueWith(demand => demand.Exception, TaskScheduler.Default);

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
        (await product.Sandbox.RefreshesAsync(provider, account, cancel)).Count(refresh => refresh.Outcome == "rotated");

    private Task<T> StateAsync<T>(string expression, CancellationToken cancel) => product.ScalarAsync<T>($"""
        select {expression} from orleans_state s cross join lateral (select convert_from(s.payload, 'UTF8')::jsonb) j (p)
        where s.grain_type = 'integration' and p ->> 'id' = $1
        """, cancel, id);
}
