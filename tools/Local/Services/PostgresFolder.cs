using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FinanceIntegrations.Local.Services;

/// <summary>Where one server's data and its password lie.</summary>
internal sealed record PostgresFolder(string Folder)
{
    private const string LinkName = "postgres-data";
    private const string OutsideRoot = "/var/lib/finance-integrations";

    private const UnixFileMode EverybodyEnters =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public string Data => Path.Combine(Folder, "data");

    public string PasswordPath => Path.Combine(Folder, "password");

    /// <summary>The version that made the data, or null where there is none yet.</summary>
    public int? DataVersion =>
        File.Exists(Path.Combine(Data, "PG_VERSION"))
            ? int.Parse(File.ReadAllText(Path.Combine(Data, "PG_VERSION")).Trim(), CultureInfo.InvariantCulture)
            : null;

    /// <summary>
    /// The folder that lasts: <c>postgres-data</c> in the local folder, which is a link to one under /var/lib where PostgreSQL's user
    /// cannot reach the local folder.
    /// </summary>
    public static async Task<PostgresFolder> LastingAsync(string localFolder, CancellationToken cancel)
    {
        var here = Path.Combine(localFolder, LinkName);
        var linked = new DirectoryInfo(here).LinkTarget;
        if (linked is null && !Directory.Exists(here) && !await PostgresUser.CanReachAsync(localFolder, cancel))
        {
            linked = Outside(localFolder);
            Directory.CreateSymbolicLink(here, linked);
        }
        var folder = linked ?? here;
        await PostgresUser.TakeFolderAsync(folder, cancel);
        return new(folder);
    }

    /// <summary>A folder for one test run.</summary>
    public static async Task<PostgresFolder> TemporaryAsync(CancellationToken cancel)
    {
        var folder = await TemporaryFolder.CreateAsync(cancel);
        await PostgresUser.TakeFolderAsync(folder, cancel);
        return new(folder);
    }

    /// <summary>Removes the data of a local folder, wherever it lies.</summary>
    public static void Forget(string localFolder)
    {
        var here = new DirectoryInfo(Path.Combine(localFolder, LinkName));
        if (here.LinkTarget is { } linked && Directory.Exists(linked))
            Directory.Delete(linked, recursive: true);
        if (here.LinkTarget is not null)
            File.Delete(here.FullName);
        else if (here.Exists)
            here.Delete(recursive: true);
    }

    public void Delete() => Directory.Delete(Folder, recursive: true);

    /// <summary>Named by the checkout, so that a person can tell whose it is. Data that lost its link keeps its folder: another is taken.</summary>
    private static string Outside(string localFolder)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(localFolder))))[..12];
        Directory.CreateDirectory(OutsideRoot);
        File.SetUnixFileMode(OutsideRoot, EverybodyEnters);
        return Enumerable.Range(1, int.MaxValue)
            .Select(number => Path.Combine(OutsideRoot, number == 1 ? hash : $"{hash}-{number}"))
            .First(folder => !Directory.Exists(folder));
    }
}
