using FinanceIntegrations.Local.Services;
using Spectre.Console;

namespace FinanceIntegrations.Local;

/// <summary>A spinner while a step runs, and one line when it has ended; only the lines where output is not a terminal.</summary>
internal sealed class TerminalSteps(IAnsiConsole console, TimeProvider clock) : ISteps
{
    private readonly bool _live = console.Profile.Capabilities.Interactive && !Console.IsOutputRedirected;

    public async Task RunAsync(string title, Func<Action<string>, Task<string>> work)
    {
        var started = clock.GetTimestamp();
        try
        {
            var result = _live
                ? await console.Status().StartAsync(Markup.Escape(title), status =>
                    work(detail => status.Status($"{Markup.Escape(title)} [grey]{Markup.Escape(detail)}[/]")))
                : await work(_ => { });
            var seconds = clock.GetElapsedTime(started).TotalSeconds;
            console.MarkupLineInterpolated($"[green]✓[/] {title,-12} {result} [grey]{seconds:0.0} s[/]");
        }
        catch (Exception)
        {
            console.MarkupLineInterpolated($"[red]✗[/] {title}");
            throw;
        }
    }
}
