using System.Globalization;

namespace FinanceIntegrations.Benchmarks;

/// <summary><c>--name number</c> pairs.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, int> _values = [];

    public static Arguments Of(IReadOnlyList<string> words)
    {
        var arguments = new Arguments();
        for (var i = 0; i + 1 < words.Count; i += 2)
            arguments._values[words[i].TrimStart('-')] = int.Parse(words[i + 1], CultureInfo.InvariantCulture);
        return arguments;
    }

    public int Number(string name, int usual) => _values.GetValueOrDefault(name, usual);
}
