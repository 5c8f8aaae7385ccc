namespace FinanceIntegrations.Local.Services;

/// <summary>Something that a person has to read: its message stands alone, and is shown without a stack trace.</summary>
public sealed class LocalStartException : Exception
{
    public LocalStartException()
    {
    }

    public LocalStartException(string message)
        : base(message)
    {
    }

    public LocalStartException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
