using FinanceIntegrations.Local.Services;

namespace FinanceIntegrations.Testing;

/// <summary>The checkout that the tests were built in.</summary>
public static class RepositoryRoot
{
    public static string Path { get; } = Builds.CheckoutOf(AppContext.BaseDirectory);

    /// <summary>A path in the checkout.</summary>
    public static string Of(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);
}
