using System.Reflection;
using System.Text.RegularExpressions;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Testing;

namespace FinanceIntegrations.Architecture.Tests;

/// <summary>docs/model.md says what every field of the unified model means.</summary>
public sealed partial class ModelPageTests
{
    public static TheoryData<Type> Records => [.. typeof(UnifiedRecord).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(UnifiedRecord)))];

    [Theory, MemberData(nameof(Records))]
    public void Every_property_of_a_record_stands_in_its_own_table(Type record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var named = NamedIn(Section(record.Name));
        Assert.Equal([], OwnOf(record).Except(named));
        Assert.Equal([], named.Except(OwnOf(record)).Except(OwnOf(typeof(UnifiedRecord))));   // nor one that is gone
    }

    [Fact]
    public void What_all_records_carry_stands_once() => Assert.Equal(OwnOf(typeof(UnifiedRecord)).Order(), NamedIn(Section("What every record carries")).Order());

    private static IEnumerable<string> OwnOf(Type record) =>
        record.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Select(p => p.Name).Where(name => name != "Kind" || record.IsAbstract);

    /// <summary>A table's first column: one property, or several that mean the same.</summary>
    private static List<string> NamedIn(string section) =>
        [.. section.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).SelectMany(line => Word().Matches(line.Split('|')[1])).Select(match => match.Groups[1].Value)];

    /// <summary>From the heading to the next one; headings are the records' names as words.</summary>
    private static string Section(string name)
    {
        var heading = "## " + Capital().Replace(name, match => " " + match.Value.ToLowerInvariant());
        var page = File.ReadAllText(RepositoryRoot.Of("docs/model.md"));
        var begin = Regex.Match(page, $@"^{Regex.Escape(heading)}( \(.*)?$", RegexOptions.Multiline);
        Assert.True(begin.Success, $"docs/model.md has no heading '{heading}'");
        var end = page.IndexOf("\n## ", begin.Index, StringComparison.Ordinal);
        return end < 0 ? page[begin.Index..] : page[begin.Index..end];
    }

    [GeneratedRegex("`([A-Za-z]+)`")]
    private static partial Regex Word();

    [GeneratedRegex("(?<=[a-z])[A-Z]")]
    private static partial Regex Capital();
}
