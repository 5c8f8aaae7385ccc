using System.Runtime.InteropServices;

namespace FinanceIntegrations.Local.Services;

/// <summary>Signals by their POSIX numbers, which are the same on Linux and macOS.</summary>
public enum Signal
{
    Interrupt = 2,
    Quit = 3,
    Kill = 9,
    Terminate = 15,
}

internal static partial class Posix
{
    /// <summary>True if the signal was delivered; false if the process is gone or is not ours.</summary>
    public static bool Send(int processId, Signal signal) => Kill(processId, (int)signal) == 0;

    /// <summary>The command line of a running process, or null if there is none by that id (an ended one not yet reaped counts as none).</summary>
    public static async Task<string?> CommandLineAsync(int processId, CancellationToken cancel = default)
    {
        if (Directory.Exists("/proc/self"))
        {
            try
            {
                var text = await File.ReadAllTextAsync($"/proc/{processId}/cmdline", cancel);
                return text.Length == 0 ? null : text.Replace('\0', ' ').Trim();
            }
            catch (IOException)
            {
                return null;
            }
        }
        var ps = await Command.RunAsync("ps", ["-o", "command=", "-p", $"{processId}"], cancel);
        return ps.Ok ? ps.Output : null;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
