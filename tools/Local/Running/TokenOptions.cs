using FinanceIntegrations.Local.Services;

namespace FinanceIntegrations.Local.Running;

internal sealed record TokenOptions
{
    public const string Usage =
        """
        token USER         a token for 30 days, for an api in development
          --key KEY        its signing key, as in Auth__DevelopmentSigningKey
          --writer         may pay out and answer disputes
          --admin          the administrator
        """;

    private const int LeastBytes = 32;

    public string? User { get; init; }

    public string? Key { get; init; }

    public bool Writer { get; init; }

    public bool Admin { get; init; }

    public bool Help { get; init; }

    public static TokenOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new TokenOptions();
        for (var at = 0; at < arguments.Count; at++)
        {
            options = arguments[at] switch
            {
                "--key" when at + 1 < arguments.Count => options with { Key = arguments[++at] },
                "--writer" => options with { Writer = true },
                "--admin" => options with { Admin = true },
                "--help" or "-h" => options with { Help = true },
                { Length: > 0 } user when options.User is null && user[0] != '-' => options with { User = user },
                var unknown => throw new LocalStartException($"unknown option {unknown}\n{Usage}"),
            };
        }
        if (options.Help)
            return options;
        if (options.User is null)
            throw new LocalStartException($"whose token?\n{Usage}");
        return IsKey(options.Key) ? options : throw new LocalStartException($"--key takes base64 of at least {LeastBytes} bytes\n{Usage}");
    }

    private static bool IsKey(string? text) =>
        text is not null && Convert.TryFromBase64String(text, new byte[text.Length], out var bytes) && bytes >= LeastBytes;
}
