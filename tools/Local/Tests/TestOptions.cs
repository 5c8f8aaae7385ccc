using FinanceIntegrations.Local.Services;

namespace FinanceIntegrations.Local.Tests;

internal sealed record TestOptions
{
    public const string Usage =
        """
        ./test                   build, and run every test
        ./test Domain.Tests …    only these projects
          --long                 the long runs instead of the short ones
          -- …                   the rest goes to the test runner, e.g. -- -class "*Breaker*"
        """;

    public IReadOnlyList<string> Projects { get; init; } = [];

    public IReadOnlyList<string> RunnerArguments { get; init; } = [];

    public bool Long { get; init; }

    public bool Help { get; init; }

    public static TestOptions Parse(IReadOnlyList<string> arguments)
    {
        var own = arguments.TakeWhile(argument => argument != "--").ToList();
        if (own.FirstOrDefault(argument => argument.StartsWith('-') && argument is not ("--long" or "--help" or "-h")) is { } unknown)
            throw new LocalStartException($"unknown option {unknown}\n{Usage}");
        return new()
        {
            Projects = [.. own.Where(argument => !argument.StartsWith('-'))],
            Long = own.Contains("--long"),
            Help = own.Contains("--help") || own.Contains("-h"),
            RunnerArguments = [.. arguments.Skip(own.Count + 1)],
        };
    }
}
