using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Chaos;

/// <summary>One order to a provider, held at a point by the sandbox's faults or a lock in PostgreSQL until the silo that sends it is killed.</summary>
internal sealed class KilledWrite(ProductCluster product, ApiUser user, ProviderWrite what, WritePoint point)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private string _id = "";
    private string _account = "";
    private string _dispute = "";
    private IAsyncDisposable? _fault;
    private HeldWrite? _held;

    private string Call => what.Call(_dispute);

    /// <summary>Its row's status, how many persons are asked, how often it was done.</summary>
    private (string Status, long Asked, int Done) End => point switch
    {
        WritePoint.BeforeItIsStored => ("", 0, 0),   // as if it had never been asked for
        WritePoint.BeforeItsEffect => what.CannotBeDisproved ? ("outcome_unknown", 1, 0) : ("failed", 0, 0),
        _ => ("succeeded", 0, 1),
    };

    /// <summary>A connection of its own, all of it read.</summary>
    public async Task ConnectAsync(CancellationToken cancel)
    {
        (_account, _dispute) = await what.NewAccountAsync();
        _id = (await user.PostAsync("/", new { name = what.Name, integration_type = "payment_processor", provider = what.Provider }, cancel)).MustBeOk("create")["id"];
        await user.ConnectAsync(_id, _account, cancel);
        await user.HistoryReadAsync(_id, cancel);
    }

    /// <summary>Orders it, and answers when the order is where the silo is to die.</summary>
    public async Task HoldAsync(CancellationToken cancel)
    {
        var before = await product.Sandbox.LastSequenceAsync(cancel);
        switch (point)
        {
            case WritePoint.BeforeItIsStored:
                _held = await HeldWrite.OfAsync(product, _id, cancel);
                Order(cancel);
                break;
            case WritePoint.BeforeItsEffect:
                _fault = await FaultAsync("hang", cancel);
                Order(cancel);
                await HoldsAsync("the call is on its way", async () => (await CallsAsync(null, before, cancel)).Any(call => call.Fault is not null), cancel);
                break;
            case WritePoint.AfterItsEffect:
                _fault = await FaultAsync("lost", cancel);
                Order(cancel);
                await HoldsAsync("it has taken effect", async () => await DoneAsync() == 1, cancel);
                break;
            case WritePoint.AfterItsAnswer:
                await using (await FaultAsync("hold", cancel))
                {
                    Order(cancel);
                    await HoldsAsync("it is stored", async () => await StatusAsync(cancel) == "sending", cancel);
                    _held = await HeldWrite.OfAsync(product, _id, cancel);
                }
                break;
        }
        if (_held is not null) await _held.ArrivedAsync(Patience, cancel);
    }

    /// <summary>Its silo is dead: nothing holds what comes next.</summary>
    public async Task ReleaseAsync(CancellationToken cancel)
    {
        if (_fault is not null) await _fault.DisposeAsync();
        if (_held is null) return;
        await _held.EndAsync(Patience, cancel);
        await _held.DisposeAsync();
    }

    /// <summary>It lives again, in another silo: its reminder would wake it, a little later.</summary>
    public Task WakeAsync(TimeSpan limit, CancellationToken cancel) => Eventually.HoldsAsync($"{this} answers again",
        async () => (await user.GetAsync($"/{_id}/status", cancel)).Ok, limit, cancel);

    /// <summary>It comes to the end that its point allows.</summary>
    public Task EndsAsync(TimeSpan limit, CancellationToken cancel) => Eventually.HoldsAsync($"{this} is {End.Status}, and {End.Asked} are asked",
        async () => (await StatusAsync(cancel), await AskedAsync(cancel)), seen => seen == (End.Status, End.Asked), limit, cancel);

    /// <summary>The same, now that all have ended; and it was done as often as that end says, by one call.</summary>
    public async Task StaysAsync(CancellationToken cancel)
    {
        Assert.Equal((this, End), (this, (await StatusAsync(cancel), await AskedAsync(cancel), await DoneAsync())));
        Assert.Equal((this, End.Done), (this, (await CallsAsync(_account, 0, cancel)).Count()));
    }

    public override string ToString() => $"{what.Name} {point}";

    /// <summary>Its answer never comes: the one who makes it dies. What became of it is read from the table and the books.</summary>
    private void Order(CancellationToken cancel) =>
        _ = user.OrderAsync(_id, what.Order(_dispute), what.Body, cancel: cancel).ContinueWith(order => order.Exception, TaskScheduler.Default);

    private Task<IAsyncDisposable> FaultAsync(string kind, CancellationToken cancel) =>
        product.Sandbox.FaultAsync(new { provider = what.Provider, kind, path = Call, method = "POST" }, cancel);

    private Task HoldsAsync(string expected, Func<Task<bool>> holds, CancellationToken cancel) => Eventually.HoldsAsync($"{this}: {expected}", holds, Patience, cancel);

    /// <summary>How often the provider has done it.</summary>
    private Task<int> DoneAsync() => what.DoneAsync(_account, _dispute);

    /// <summary>The calls that do it. Whose they are is known of those alone that the provider took.</summary>
    private async Task<IEnumerable<SandboxRequest>> CallsAsync(string? account, long since, CancellationToken cancel) =>
        (await product.Sandbox.RequestsAsync(what.Provider, account, since, cancel)).Where(call => call.Method == "POST" && call.Path == Call);

    private Task<string> StatusAsync(CancellationToken cancel) => product.ScalarAsync<string>(
        "select coalesce(min(status), '') from operations where integration_id = $1", cancel, Guid.Parse(_id));

    /// <summary>Of how much a person is asked.</summary>
    private Task<long> AskedAsync(CancellationToken cancel) => product.ScalarAsync<long>(
        "select count(*) from attention_items where integration_id = $1 and kind <> 'dispute_due' and resolved_at is null", cancel, Guid.Parse(_id));
}

/// <summary>When the silo dies that sends the order.</summary>
public enum WritePoint
{
    BeforeItIsStored,
    BeforeItsEffect,
    AfterItsEffect,
    AfterItsAnswer,
}
