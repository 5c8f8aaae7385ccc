using System.Globalization;
using FinanceIntegrations.Local.Services;

namespace FinanceIntegrations.Local.Running;

internal sealed record RunOptions
{
    public const string Usage =
        """
        ./run              start PostgreSQL, Redis, sandbox, silo and api, and show the main job
          --no-demo        start only
          --silos N        N silos (default 1)
          --port P         the api's port (default 5080 if free; kept from then on)
          --reset          forget the data of earlier runs first
          --start NAME     start a process again that ended, in the ./run that is up (silo, api, sandbox, redis, postgres)
        """;

    private const int MostSilos = 9;
    private const int MostPorts = 65535;

    public bool Demo { get; init; } = true;

    public int Silos { get; init; } = 1;

    public int? Port { get; init; }

    public bool Reset { get; init; }

    public string? StartAgain { get; init; }

    public bool Help { get; init; }

    public static RunOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new RunOptions();
        for (var at = 0; at < arguments.Count; at++)
        {
            options = arguments[at] switch
            {
                "--no-demo" => options with { Demo = false },
                "--reset" => options with { Reset = true },
                "--silos" => options with { Silos = Number(arguments, ++at, MostSilos) },
                "--port" => options with { Port = Number(arguments, ++at, MostPorts) },
                "--start" when at + 1 < arguments.Count => options with { StartAgain = arguments[++at] },
                "--help" or "-h" => options with { Help = true },
                var unknown => throw new LocalStartException($"unknown option {unknown}\n{Usage}"),
            };
        }
        return options;
    }

    private static int Number(IReadOnlyList<string> arguments, int at, int most) =>
        at < arguments.Count
        && int.TryParse(arguments[at], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number >= 1 && number <= most
            ? number
            : throw new LocalStartException($"{arguments[at - 1]} takes a number from 1 to {most}");
}
