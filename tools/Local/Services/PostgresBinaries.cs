using System.Globalization;
using System.Text.RegularExpressions;

namespace FinanceIntegrations.Local.Services;

/// <summary>One installation of PostgreSQL's server programs.</summary>
internal sealed partial record PostgresBinaries(string Folder, int Version)
{
    public const int Oldest = 15;

    private static readonly string[] Roots =
        ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"];

    public string this[string program] => Path.Combine(Folder, program);

    /// <summary>The newest installation, or the one of a certain version: a data folder is read only by the version that made it.</summary>
    public static async Task<PostgresBinaries?> FindAsync(int? version = null, CancellationToken cancel = default)
    {
        var usual = Usual().Where(found => File.Exists(found["initdb"]) && File.Exists(found["postgres"])).ToList();
        return Newest(usual, version) ?? (await OnPathAsync(cancel) is { } other ? Newest([other], version) : null);
    }

    /// <summary>lz4 costs less than it saves, where this build has it.</summary>
    public async Task<string> WalCompressionAsync(CancellationToken cancel)
    {
        var config = await Command.RunAsync(this["pg_config"], ["--configure"], cancel);
        return config.Output.Contains("--with-lz4", StringComparison.Ordinal) ? "lz4" : "on";
    }

    private static PostgresBinaries? Newest(IEnumerable<PostgresBinaries> all, int? version) =>
        all.Where(found => found.Version >= Oldest && (version is null || found.Version == version)).MaxBy(found => found.Version);

    private static IEnumerable<PostgresBinaries> Usual()
    {
        foreach (var folder in Roots.Where(Directory.Exists).SelectMany(Directory.GetDirectories))
        {
            // "16" on Debian, "postgresql@16" in Homebrew
            if (int.TryParse(Path.GetFileName(folder).Split('@')[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var version))
                yield return new(Path.Combine(folder, "bin"), version);
        }
    }

    private static async Task<PostgresBinaries?> OnPathAsync(CancellationToken cancel)
    {
        if (Command.Find("initdb") is not { } initdb)
            return null;
        var said = await Command.RunAsync(initdb, ["--version"], cancel);
        var major = MajorVersion().Match(said.Output);
        var real = File.ResolveLinkTarget(initdb, returnFinalTarget: true)?.FullName ?? initdb;
        return major.Success ? new(Path.GetDirectoryName(real)!, int.Parse(major.Value, CultureInfo.InvariantCulture)) : null;
    }

    [GeneratedRegex(@"(?<=\(PostgreSQL\) )\d+")]
    private static partial Regex MajorVersion();
}
