namespace FinanceIntegrations.Grains.Sync;

/// <summary>How a run over history is asked to give way: after the page under way, or, where a person waits, without it.</summary>
internal sealed class Pause : IDisposable
{
    private readonly CancellationTokenSource _atOnce = new();
    private volatile bool _asked;

    public bool Asked => _asked;

    public CancellationToken Now => _atOnce.Token;

    public void AfterThePage() => _asked = true;

    public void AtOnce()
    {
        _asked = true;
        _atOnce.Cancel();
    }

    public void Dispose() => _atOnce.Dispose();
}
