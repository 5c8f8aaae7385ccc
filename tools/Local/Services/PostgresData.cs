using System.Globalization;

namespace FinanceIntegrations.Local.Services;

/// <summary>Makes a server's data, and sees to it that nobody else is running on it.</summary>
internal static class PostgresData
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FastShutdown = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ImmediateShutdown = TimeSpan.FromSeconds(10);

    /// <param name="folder">Where.</param>
    /// <param name="binaries">By which version.</param>
    /// <param name="lasting">Whether the files must be on disk before this returns.</param>
    /// <param name="cancel">Stops it; nothing half-made is taken for data later.</param>
    public static async Task CreateAsync(PostgresFolder folder, PostgresBinaries binaries, bool lasting, CancellationToken cancel)
    {
        StateFile.WriteText(folder.PasswordPath, LocalSecrets.Word() + "\n");
        await PostgresUser.TakeFolderAsync(folder.Folder, cancel);
        var unfinished = folder.Data + ".unfinished";
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);
        string[] initdb =
        [
            binaries["initdb"], "-D", unfinished, "--username", PostgresServer.User, "--pwfile", folder.PasswordPath,
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale", "--no-instructions",
        ];
        await PostgresUser.RunAsync(lasting ? initdb : [.. initdb, "--no-sync"], cancel);
        Directory.Move(unfinished, folder.Data);
    }

    /// <summary>
    /// A server whose owner was killed is ended; a pid file that it left, or whose id is another program's by now, is removed.
    /// </summary>
    public static async Task EndPredecessorAsync(PostgresFolder folder, CancellationToken cancel)
    {
        var pidFile = Path.Combine(folder.Data, "postmaster.pid");
        if (!File.Exists(pidFile))
            return;
        var first = File.ReadLines(pidFile).FirstOrDefault();
        if (int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var processId)
            && await RunsOnAsync(processId, folder, cancel))
        {
            Posix.Send(processId, Signal.Interrupt);
            if (!await EndsAsync(processId, folder, FastShutdown, cancel))
            {
                Posix.Send(processId, Signal.Quit);
                await EndsAsync(processId, folder, ImmediateShutdown, cancel);
            }
        }
        File.Delete(pidFile);
    }

    private static async Task<bool> RunsOnAsync(int processId, PostgresFolder folder, CancellationToken cancel) =>
        (await Posix.CommandLineAsync(processId, cancel))?.Contains(folder.Data, StringComparison.Ordinal) == true;

    private static async Task<bool> EndsAsync(int processId, PostgresFolder folder, TimeSpan limit, CancellationToken cancel)
    {
        for (var waited = TimeSpan.Zero; waited < limit; waited += Pause)
        {
            if (!await RunsOnAsync(processId, folder, cancel))
                return true;
            await Task.Delay(Pause, cancel);
        }
        return false;
    }
}
