using System.Runtime.InteropServices;
using FinanceIntegrations.Local;
using FinanceIntegrations.Local.Running;
using FinanceIntegrations.Local.Services;
using FinanceIntegrations.Local.Tests;

using var stopping = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
var checkout = Builds.CheckoutOf(AppContext.BaseDirectory);
try
{
    return args switch
    {
        ["run", .. var rest] => await RunCommand.RunAsync(RunOptions.Parse(rest), checkout, stopping.Token),
        ["test", .. var rest] => await TestCommand.RunAsync(TestOptions.Parse(rest), checkout, stopping.Token),
        ["token", .. var rest] => TokenCommand.Run(TokenOptions.Parse(rest)),
        _ => throw new LocalStartException("usage: run | test | token, each with --help"),
    };
}
catch (LocalStartException failure)
{
    await Console.Error.WriteLineAsync(failure.Message);
    return ExitCodes.Failure;
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    return ExitCodes.Interrupted;
}

void Stop(PosixSignalContext signal)
{
    // The process ends when all that it started has.
    signal.Cancel = true;
    stopping.Cancel();
}
