namespace FinanceIntegrations.Local.Services;

/// <summary>Where our processes' assemblies are, by the layout of the checkout: <c>room/bin/configuration/net10.0</c>.</summary>
public static class Builds
{
    private const string Solution = "FinanceIntegrations.sln";
    private const string Framework = "net10.0";

    /// <summary>The checkout that a folder lies in.</summary>
    public static string CheckoutOf(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, Solution)))
                return at.FullName;
        }
        throw new LocalStartException($"{folder} is not inside a checkout: no {Solution} above it");
    }

    internal static string ConfigurationOf(string folder) =>
        folder.Contains($"{Path.DirectorySeparatorChar}Debug{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Debug" : "Release";

    /// <summary>The command that runs one of our assemblies.</summary>
    /// <param name="options">Which checkout and configuration.</param>
    /// <param name="room">The project's folder in the checkout.</param>
    internal static IReadOnlyList<string> Command(LocalClusterOptions options, string room)
    {
        var assembly = $"FinanceIntegrations.{Path.GetFileName(room)}.dll";
        var path = Path.Combine(options.Checkout, room, "bin", options.Configuration, Framework, assembly);
        return File.Exists(path)
            ? [Dotnet, path]
            : throw new LocalStartException($"{path} is not built: dotnet build {Solution} -c {options.Configuration}");
    }

    /// <summary>The dotnet that runs us, if it says so, or the one on the PATH.</summary>
    internal static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
}
