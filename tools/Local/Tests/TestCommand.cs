using FinanceIntegrations.Local.Services;

namespace FinanceIntegrations.Local.Tests;

/// <summary><c>./test</c>: builds, runs every test executable, and ends with the plain line of counts.</summary>
internal static class TestCommand
{
    /// <summary>They start no product. The others wait more than they work: these run beside them, and only when nobody else wants the processor.</summary>
    private static readonly string[] Aside = ["Architecture.Tests", "Data.Tests", "Domain.Tests", "Grains.Tests", "Local.Tests", "Providers.Tests", "Sandbox.Tests"];

    public static async Task<int> RunAsync(TestOptions options, string checkout, CancellationToken cancel)
    {
        if (options.Help)
        {
            Console.WriteLine(TestOptions.Usage);
            return ExitCodes.Success;
        }
        var clock = TimeProvider.System;
        var projects = Chosen(TestProject.All(checkout), options);
        await Packages.EnsureAsync(Console.WriteLine, cancel);
        await SolutionBuild.RunAsync(checkout, SolutionBuild.Everything, new TerminalSteps(Terminal.Console, clock), cancel);

        var folder = Path.Combine(LocalFolder.Of(checkout), "logs", "tests");
        var lanes = projects.ToLookup(project => Aside.Contains(project.Name));
        var counts = await Task.WhenAll(InTurnAsync(lanes[false], low: false), InTurnAsync(lanes[true], low: lanes[false].Any()));
        var total = counts[0] + counts[1];
        Console.WriteLine();
        Console.WriteLine(total);
        return total.Failed == 0 && total.Passed > 0 ? ExitCodes.Success : ExitCodes.Failure;

        async Task<TestCounts> InTurnAsync(IEnumerable<TestProject> lane, bool low)
        {
            var sum = TestCounts.None;
            foreach (var project in lane)
            {
                var started = clock.GetTimestamp();
                Console.WriteLine($"{project.Name} …");
                var counts = await project.RunAsync(folder, options, low, Console.WriteLine, cancel);
                Console.WriteLine($"{project.Name}: {counts} ({clock.GetElapsedTime(started).TotalSeconds:0} s)");
                sum += counts;
            }
            return sum;
        }
    }

    private static IReadOnlyList<TestProject> Chosen(IReadOnlyList<TestProject> all, TestOptions options)
    {
        var unknown = options.Projects.FirstOrDefault(name => all.All(project => project.Name != name));
        if (unknown is not null)
            throw new LocalStartException($"no test project {unknown}: {string.Join(", ", all.Select(project => project.Name))}");
        return options.Projects.Count == 0 ? all : [.. all.Where(project => options.Projects.Contains(project.Name))];
    }
}
