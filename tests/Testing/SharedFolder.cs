namespace FinanceIntegrations.Testing;

/// <summary>
/// Material that may lie beside the checkout and is no part of it (providers' specifications): <c>../shared</c>, or where <c>FI_SHARED</c>
/// says. A test that needs it is skipped with <see cref="Missing"/> where it is not.
/// </summary>
public static class SharedFolder
{
    public const string Missing = "needs the specifications in ../shared beside the checkout (or FI_SHARED)";

    private static readonly string Root =
        Environment.GetEnvironmentVariable("FI_SHARED") ?? Path.Combine(RepositoryRoot.Path, "..", "shared");

    /// <summary>The path of a file or folder in it, or null if it is not there.</summary>
    public static string? Find(params ReadOnlySpan<string> parts)
    {
        var path = Path.GetFullPath(Path.Combine([Root, .. parts]));
        return Path.Exists(path) ? path : null;
    }
}
