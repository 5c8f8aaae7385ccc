namespace FinanceIntegrations.Grains.Sync;

/// <summary>How a run over history is asked to give way: after the page under way, or, where a person waits, without it.</summary>
internal sealed class Pause : IDisposable
{
    private readonly CancellationTokenSource _wanted = new();
    private readonly CancellationTokenSource _atOnce = new();

    public bool Asked => _wanted.IsCancellationRequested;

    /// <summary>Ends the wait of one that has no page under way.</summary>
    public CancellationToken Wanted => _wanted.Token;

    public CancellationToken Now => _atOnce.Token;

    public void AfterThePage() => _wanted.Cancel();

    public void AtOnce()
    {
        _wanted.Cancel();
        _atOnce.Cancel();
    }

    public void Dispose()
    {
        _wanted.Dispose();
        _atOnce.Dispose();
    }
}
