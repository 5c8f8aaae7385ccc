namespace FinanceIntegrations.Local.Services;

/// <summary>What we need from the machine's packages, and its installation.</summary>
public static class Packages
{
    internal const string HowToInstall =
        "PostgreSQL 15 or newer and Redis are needed: apt-get install postgresql redis-server (Debian 12, Ubuntu 24.04 or newer), " +
        "or brew install postgresql@17 redis";

    private static readonly string[] RedisFolders = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/home/linuxbrew/.linuxbrew/bin"];

    /// <summary>Installs what is missing, if this user may. Nothing is started, now or at the next boot, and no cluster is made.</summary>
    /// <param name="says">Gets one line when something is installed.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="LocalStartException">It cannot: its message says what to install.</exception>
    public static async Task EnsureAsync(Action<string> says, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(says);
        var needsPostgres = await PostgresBinaries.FindAsync(cancel: cancel) is null;
        var needsRedis = RedisProgram() is null;
        if (!needsPostgres && !needsRedis)
            return;
        if (Command.Find("apt-get") is null || await RootPrefixAsync(cancel) is not { } root)
            throw new LocalStartException(HowToInstall);

        says($"installing {(needsPostgres ? "PostgreSQL" : "")}{(needsPostgres && needsRedis ? " and " : "")}{(needsRedis ? "Redis" : "")}");
        var installed = await InstallScript.RunAsync(root, needsPostgres, needsRedis, cancel);
        if (!installed.Ok || await PostgresBinaries.FindAsync(cancel: cancel) is null || RedisProgram() is null)
            throw new LocalStartException($"{HowToInstall} (apt-get said: {installed.Output.Split('\n')[^1]})");
    }

    internal static string? RedisProgram() =>
        Command.Find("redis-server")
        ?? RedisFolders.Select(folder => Path.Combine(folder, "redis-server")).FirstOrDefault(File.Exists);

    private static async Task<string[]?> RootPrefixAsync(CancellationToken cancel)
    {
        if (Environment.IsPrivilegedProcess)
            return [];
        return (await Command.RunAsync("sudo", ["-n", "true"], cancel)).Ok ? ["sudo", "-n"] : null;
    }
}
