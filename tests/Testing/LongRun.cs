namespace FinanceIntegrations.Testing;

/// <summary>Whether the full figures are wanted (<c>./test --long</c>) or the short run of every day.</summary>
public static class LongRun
{
    public static bool Enabled { get; } = Environment.GetEnvironmentVariable("FI_LONG") == "1";

    public static T Choose<T>(T usual, T full) => Enabled ? full : usual;
}
