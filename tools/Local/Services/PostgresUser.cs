namespace FinanceIntegrations.Local.Services;

/// <summary>
/// Whom PostgreSQL's programs run as. They refuse to run as root, so root runs them as the packages' user <c>postgres</c>; anybody else as
/// themselves. setpriv rather than runuser or su: it becomes the program, so that the process id is PostgreSQL's own.
/// </summary>
internal static class PostgresUser
{
    private const string Name = "postgres";

    public static bool IsOther => Environment.IsPrivilegedProcess;

    public static IReadOnlyList<string> Command(params IReadOnlyList<string> command) =>
        IsOther ? ["setpriv", $"--reuid={Name}", $"--regid={Name}", "--init-groups", "--", .. command] : command;

    public static Task<string> RunAsync(IReadOnlyList<string> command, CancellationToken cancel)
    {
        var whole = Command(command);
        return Services.Command.MustRunAsync(whole[0], [.. whole.Skip(1)], cancel);
    }

    /// <summary>False for a folder below one that only root may enter, such as /root.</summary>
    public static async Task<bool> CanReachAsync(string folder, CancellationToken cancel)
    {
        if (!IsOther)
            return true;
        var test = Command("test", "-x", folder);
        return (await Services.Command.RunAsync(test[0], [.. test.Skip(1)], cancel)).Ok;
    }

    /// <summary>Makes the folder if need be, and gives it and all in it to this user alone.</summary>
    public static async Task TakeFolderAsync(string folder, CancellationToken cancel)
    {
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        try
        {
            Directory.CreateDirectory(folder, ownerOnly);
            _ = Directory.EnumerateFileSystemEntries(folder).Any();
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new LocalStartException($"{folder} belongs to another user: run as that user, or as root, or remove it", denied);
        }
        if (IsOther)
            await Services.Command.MustRunAsync("chown", ["-R", $"{Name}:", folder], cancel);
    }
}
