using System.Diagnostics;
using FinanceIntegrations.Local.Services;
using FinanceIntegrations.Testing;
using Xunit;

namespace FinanceIntegrations.Local.Tests;

/// <summary>On a root folder of its own, with programs that install nothing: apt-get waits for as long as there is a file that says so.</summary>
public sealed class InstallScriptTests : IDisposable
{
    private const string Own = "#!/bin/sh\nexit 104\n";

    private const string AptGet =
        """
        #!/bin/sh
        [ "$1" = install ] || exit 0
        cp "$ROOT/usr/sbin/policy-rc.d" "$ROOT/seen"
        while [ -e "$ROOT/wait" ]; do sleep 0.02; done
        if [ -e "$ROOT/slow" ]; then sleep 0.5; fi
        touch "$ROOT/installed"
        """;

    private readonly string _root = Directory.CreateTempSubdirectory("root").FullName;

    public InstallScriptTests()
    {
        foreach (var (program, text) in new[] { ("apt-get", AptGet), ("systemctl", "#!/bin/sh\n") })
        {
            Directory.CreateDirectory(At("bin"));
            File.WriteAllText(At("bin/" + program), text);
            File.SetUnixFileMode(At("bin/" + program), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        Directory.CreateDirectory(At("usr/sbin"));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Policy => At("usr/sbin/policy-rc.d");

    private string[] Prefix => ["env", "ROOT=" + _root, $"PATH={At("bin")}:{Environment.GetEnvironmentVariable("PATH")}"];

    [Theory]
    [InlineData(null)]
    [InlineData(Own)]
    public async Task While_it_installs_nothing_is_started_and_then_all_is_as_it_was(string? own)
    {
        Have(own);
        Assert.True((await RunAsync(Cancel)).Ok);
        Assert.Contains("exit 101", await File.ReadAllTextAsync(At("seen"), Cancel), StringComparison.Ordinal);
        IsAsBefore(own);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Own)]
    public async Task What_one_that_was_killed_left_behind_is_put_right_by_the_next_and_is_not_taken_for_the_machines_own(string? own)
    {
        Have(own);
        await File.WriteAllTextAsync(At("wait"), "", Cancel);
        using (var killed = Process.Start(new ProcessStartInfo(Prefix[0], [.. Prefix[1..], "/bin/sh", "-c", InstallScript.Text, "install", "no", "yes", _root])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!)
        {
            await InstallsAsync();
            killed.Kill(entireProcessTree: true);
            await killed.WaitForExitAsync(Cancel);
        }
        Assert.True(File.Exists(Policy));
        File.Delete(At("wait"));

        Assert.True((await RunAsync(Cancel)).Ok);
        IsAsBefore(own);
    }

    [Fact]
    public async Task One_that_is_cancelled_comes_to_its_end_first()
    {
        await File.WriteAllTextAsync(At("slow"), "", Cancel);   // else it is over before it can be killed
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(new CancellationToken(canceled: true)));
        Assert.True(File.Exists(At("installed")));
        IsAsBefore(null);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string At(string path) => Path.Combine(_root, path);

    private Task<CommandResult> RunAsync(CancellationToken cancel) => InstallScript.RunAsync(Prefix, postgres: false, redis: true, cancel, _root);

    private Task InstallsAsync() => Eventually.HoldsAsync("it installs", () => Task.FromResult(File.Exists(At("seen"))), cancel: Cancel);

    private void Have(string? own)
    {
        if (own is not null) File.WriteAllText(Policy, own);
    }

    private void IsAsBefore(string? own)
    {
        Assert.Equal(own, File.Exists(Policy) ? File.ReadAllText(Policy) : null);
        Assert.Equal(own is null ? 0 : 1, Directory.GetFiles(At("usr/sbin")).Length);
        Assert.Empty(Directory.GetFiles(At("etc"), "*", SearchOption.AllDirectories));
    }
}
