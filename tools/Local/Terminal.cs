using Spectre.Console;

namespace FinanceIntegrations.Local;

/// <summary>The console that a person looks at; where it is a file or a pipe, lines are not folded at a terminal's width.</summary>
internal static class Terminal
{
    private const int Unfolded = 400;

    public static IAnsiConsole Console { get; } = Create();

    private static IAnsiConsole Create()
    {
        var console = AnsiConsole.Console;
        if (System.Console.IsOutputRedirected)
            console.Profile.Width = Unfolded;
        return console;
    }
}
