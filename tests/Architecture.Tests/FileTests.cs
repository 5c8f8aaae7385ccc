using FinanceIntegrations.Testing;

namespace FinanceIntegrations.Architecture.Tests;

public sealed class FileTests
{
    [Fact]
    public void No_file_is_a_warehouse()
    {
        var warehouses = Sources().Select(f => (File: f, Lines: File.ReadLines(f).Count())).Where(f => f.Lines > 400).Select(f => $"{f.File}: {f.Lines} lines");
        Assert.Empty(warehouses);
    }

    [Fact]
    public void Nine_files_in_ten_are_under_250_lines()
    {
        var sizes = Sources().Select(f => File.ReadLines(f).Count()).ToList();
        Assert.True(sizes.Count(s => s > 250) <= sizes.Count / 10, $"{sizes.Count(s => s > 250)} of {sizes.Count}");
    }

    [Fact]
    public void Names_say_what_a_thing_is()
    {
        var vague = new[] { "Helper", "Manager", "Utils", "Impl", "Dto" };
        Assert.DoesNotContain(Sources(), f => vague.Any(v => Path.GetFileNameWithoutExtension(f).EndsWith(v, StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_provider_has_the_same_files()
    {
        foreach (var room in Directory.GetDirectories(RepositoryRoot.Of("Providers")).Where(d => Directory.GetFiles(d, "*Connector.cs").Length > 0))
        {
            var provider = Path.GetFileName(room);
            var expected = new[] { "Connector", "Api", "Auth", "Models", "Mapping", "Webhooks", "Errors", "Options" }.Select(part => $"{provider}{part}.cs").Append("README.md");
            Assert.Empty(expected.Where(file => !File.Exists(Path.Combine(room, file))).Select(file => $"{provider}: {file}"));
        }
    }

    private static IEnumerable<string> Sources() =>
        Directory.EnumerateFiles(RepositoryRoot.Path, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                && !f.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                && !f.Contains($"{Path.DirectorySeparatorChar}.local{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
}
