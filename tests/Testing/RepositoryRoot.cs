namespace FinanceIntegrations.Testing;

/// <summary>The checkout that the tests were built in.</summary>
public static class RepositoryRoot
{
    private const string Solution = "FinanceIntegrations.sln";

    public static string Path { get; } = Find();

    /// <summary>A path in the checkout.</summary>
    public static string Of(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);

    private static string Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(at.FullName, Solution)))
                return at.FullName;
        }
        throw new InvalidOperationException($"no {Solution} above {AppContext.BaseDirectory}");
    }
}
