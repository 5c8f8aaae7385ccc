namespace FinanceIntegrations.Local;

internal static class ExitCodes
{
    public const int Success = 0;
    public const int Failure = 1;

    /// <summary>As a shell reports an end by SIGINT.</summary>
    public const int Interrupted = 130;
}
