namespace FinanceIntegrations.Providers.Transport;

/// <summary>How often calls to a provider may be tried, for whatever is called within a flow of control: no connector can forget to pass it on.</summary>
public static class Attempts
{
    private static readonly AsyncLocal<bool> Single = new();

    internal static bool OnlyOne => Single.Value;

    /// <summary>Until it is disposed, reads are sent once, like writes: a provider that may still be sick is asked, not pressed.</summary>
    public static IDisposable One()
    {
        var before = Single.Value;
        Single.Value = true;
        return new Scope(before);
    }

    private sealed class Scope(bool before) : IDisposable
    {
        public void Dispose() => Single.Value = before;
    }
}
