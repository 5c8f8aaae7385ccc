using System.Globalization;
using System.Xml.Linq;

namespace FinanceIntegrations.Local.Tests;

internal sealed record TestCounts(int Passed, int Failed, int Skipped)
{
    public static TestCounts None { get; } = new(0, 0, 0);

    /// <summary>The plain last line of ./test.</summary>
    public override string ToString() =>
        $"{Passed} passed, {Failed} failed" + (Skipped > 0 ? $", {Skipped} skipped" : "");

    public static TestCounts operator +(TestCounts one, TestCounts other) => one.Plus(other);

    public TestCounts Plus(TestCounts other) => new(Passed + other.Passed, Failed + other.Failed, Skipped + other.Skipped);

    /// <summary>Reads xunit's own XML report, which is written when the run has ended; null if it was not. An error outside a test is a failure.</summary>
    public static TestCounts? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        var assemblies = XDocument.Load(path).Descendants("assembly").ToList();
        int Sum(string name) => assemblies.Sum(each => int.Parse(each.Attribute(name)?.Value ?? "0", CultureInfo.InvariantCulture));
        return new(Sum("passed"), Sum("failed") + Sum("errors"), Sum("skipped"));
    }
}
