using System.Net;
using System.Net.Sockets;

namespace FinanceIntegrations.Local.Services;

/// <summary>
/// Ports that nobody listens on. They lie below the range from which systems take the ports of outgoing connections, so that a port that is
/// kept is not taken by some connection while its process is down.
/// </summary>
internal static class FreePorts
{
    private const int First = 20_000;
    private const int End = 32_000;
    private const int Attempts = 500;

    public static int Next(ICollection<int> taken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var port = Random.Shared.Next(First, End);
            if (!taken.Contains(port) && IsFree(port))
                return port;
        }
        throw new LocalStartException($"no free port between {First} and {End}");
    }

    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
