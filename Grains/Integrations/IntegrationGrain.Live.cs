using System.Globalization;
using FinanceIntegrations.Domain.Budgets;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Grains.Abstractions;
using FinanceIntegrations.Providers.Transport;

namespace FinanceIntegrations.Grains.Integrations;

/// <summary>Look-ups for a person who waits: few calls, a short time, beside whatever else goes on. They read the published state and change nothing.</summary>
internal sealed partial class IntegrationGrain
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Of a connection test, all checks together: its caller's own wait ends after 30 s (Orleans' time-out).</summary>
    private static readonly TimeSpan LongestTest = TimeSpan.FromSeconds(20);

    public async Task<Reply<LiveBalancesView>> ReadBalances(CancellationToken cancel)
    {
        if (Lifecycle.RefusesLook(_published, clock.GetUtcNow()) is { } reason) return Words.RefusalOfRun(reason, null);
        if (await SwitchedOff() is { } off) return off;
        if (Connector() is not IReadsBalances provider) return new Refusal("live_not_offered", "This provider cannot be asked for balances alone.");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel, _stopping.Token);
        limit.CancelAfter(Patience);
        try
        {
            var answer = await Once(provider, limit.Token);
            return answer.Error is { } error
                ? RefusalOf(error)
                : new LiveBalancesView(clock.GetUtcNow(), [.. answer.Value.OrderBy(b => b.ExternalId, StringComparer.Ordinal).Select(View)]);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return RefusalOf(new(ErrorClass.Network, "timeout", "The provider did not answer in time."));
        }
    }

    public async Task<Reply<ConnectionTestView>> Test(CancellationToken cancel)
    {
        var connection = _published;
        if (!connection.Exists) return NotFound;
        if (connection.Tokens is null) return new Refusal("not_connected", "Connect the account first.");
        if (await SwitchedOff() is { } off) return off;
        if (Connector() is not { } connector) return new Refusal("provider_not_configured", "This deployment cannot connect this provider.");
        using var patience = new CancellationTokenSource(LongestTest, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel, _stopping.Token);
        try
        {
            var test = await connector.TestAsync(vault.Open(connection), limit.Token);
            return new ConnectionTestView(test.Success, [.. test.Checks.Select(c => new ConnectionCheckView(
                c.Name, c.Success, c.Message, c.Elapsed.TotalMilliseconds, c.Error is { } e ? ErrorClasses.Name(e.Class) : null, c.Error?.Code))]);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            var message = string.Create(CultureInfo.InvariantCulture, $"The provider did not answer all checks within {LongestTest.TotalSeconds:0} s.");
            return new ConnectionTestView(false, [new("answers_in_time", false, message, LongestTest.TotalMilliseconds, ErrorClasses.Name(ErrorClass.Network), "timeout")]);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return RefusalOf(new(ErrorClass.Network, "interrupted", "The test was interrupted: try again."));   // the activation ends
        }
    }

    private async Task<ProviderResult<IReadOnlyList<Balance>>> Once(IReadsBalances provider, CancellationToken cancel)
    {
        using var attempts = Attempts.One();
        return await new Access(this, Lane.Person, vault, clock).CallAsync(provider.ReadBalancesAsync, cancel);
    }

    private static LiveBalanceView View(Balance balance) => new()
    {
        Id = balance.ExternalId,
        AccountId = balance.AccountId,
        Currency = balance.Currency,
        Available = balance.Available,
        Pending = balance.Pending,
        Reserved = balance.Reserved,
        AsOf = balance.AsOf,
    };
}
