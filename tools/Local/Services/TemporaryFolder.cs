namespace FinanceIntegrations.Local.Services;

/// <summary>Folders that end with their maker: it removes them, or, if it was killed, the next one that makes such a folder does.</summary>
public static class TemporaryFolder
{
    private const string Prefix = "finance-integrations-";

    // PostgreSQL's user passes through; nobody else reads.
    private const UnixFileMode OthersPassThrough =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public static async Task<string> CreateAsync(CancellationToken cancel = default)
    {
        foreach (var left in Directory.GetDirectories(Path.GetTempPath(), Prefix + "*"))
            await RemoveOrphanAsync(left, cancel);
        var folder = Path.Combine(Path.GetTempPath(), $"{Prefix}{Environment.ProcessId}-{LocalSecrets.Word()[..8]}");
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, OthersPassThrough);
        return folder;
    }

    private static async Task RemoveOrphanAsync(string folder, CancellationToken cancel)
    {
        var maker = Path.GetFileName(folder)[Prefix.Length..].Split('-')[0];
        if (!int.TryParse(maker, out var processId) || await Posix.CommandLineAsync(processId, cancel) is not null)
            return;
        try
        {
            // A server in it may be on its way out: a later start removes the folder then.
            foreach (var pidFile in Directory.EnumerateFiles(folder, "postmaster.pid", SearchOption.AllDirectories))
            {
                if (int.TryParse(File.ReadLines(pidFile).FirstOrDefault(), out var server) && await Posix.CommandLineAsync(server, cancel) is not null)
                    return;
            }
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception gone) when (gone is UnauthorizedAccessException or IOException)
        {
            // Another user's, or removed by another at this moment.
        }
    }
}
