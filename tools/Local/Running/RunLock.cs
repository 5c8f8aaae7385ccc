using FinanceIntegrations.Local.Services;

namespace FinanceIntegrations.Local.Running;

/// <summary>One ./run per checkout: the kernel frees the lock when its holder ends, however it ends.</summary>
internal static class RunLock
{
    private const string FileName = "run.lock";

    public static IDisposable Take(string folder)
    {
        Directory.CreateDirectory(folder);
        try
        {
            return new FileStream(Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new LocalStartException("./run is already up in this checkout: end it with Ctrl-C there first");
        }
    }

    public static bool IsTaken(string folder)
    {
        try
        {
            Take(folder).Dispose();
            return false;
        }
        catch (LocalStartException)
        {
            return true;
        }
    }
}
