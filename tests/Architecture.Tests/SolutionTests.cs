using System.Text.RegularExpressions;
using FinanceIntegrations.Testing;

namespace FinanceIntegrations.Architecture.Tests;

public sealed partial class SolutionTests
{
    private static readonly string Solution = File.ReadAllText(RepositoryRoot.Of("FinanceIntegrations.sln"));

    [Fact]
    public void Every_project_of_the_checkout_is_in_the_solution()
    {
        var listed = ProjectLine().Matches(Solution).Select(m => m.Groups["path"].Value.Replace('\\', '/')).ToHashSet();
        var present = Directory.EnumerateFiles(RepositoryRoot.Path, "*.csproj", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(RepositoryRoot.Path, f)).Where(f => !f.StartsWith(".local", StringComparison.Ordinal));
        Assert.Empty(present.Except(listed));
    }

    [Fact]
    public void The_Aspire_configuration_builds_every_project_and_the_others_all_but_AppHost()
    {
        foreach (Match project in ProjectLine().Matches(Solution))
        {
            var id = project.Groups["id"].Value;
            var isAppHost = project.Groups["path"].Value.Contains("AppHost", StringComparison.Ordinal);
            Assert.Contains($"{id}.Aspire|Any CPU.Build.0 = Release|Any CPU", Solution, StringComparison.Ordinal);
            foreach (var configuration in new[] { "Debug", "Release" })
                Assert.Equal(!isAppHost, Solution.Contains($"{id}.{configuration}|Any CPU.Build.0", StringComparison.Ordinal));
        }
    }

    [GeneratedRegex("""= "[^"]+", "(?<path>[^"]+\.csproj)", "(?<id>\{[0-9A-F-]+\})""", RegexOptions.IgnoreCase)]
    private static partial Regex ProjectLine();
}
