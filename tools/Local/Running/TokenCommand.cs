using FinanceIntegrations.Local.Services;

namespace FinanceIntegrations.Local.Running;

/// <summary>A token for an api that this machine did not start with <c>./run</c>: the AppHost's.</summary>
internal static class TokenCommand
{
    public static int Run(TokenOptions options)
    {
        Console.WriteLine(options.Help ? TokenOptions.Usage : new Tokens(options.Key!, TimeProvider.System).For(options.User!, options.Admin, writer: options.Writer));
        return ExitCodes.Success;
    }
}
