namespace FinanceIntegrations.Local.Services;

/// <summary>The ports of one silo: its health endpoints, and the two that Orleans needs.</summary>
public sealed record SiloPorts(int Http, int Silo, int Gateway);

/// <summary>
/// Chosen once per folder and kept there: a silo that comes back on the same ports is taken for its predecessor's successor at once, on
/// others the cluster waits out the dead one.
/// </summary>
public sealed record LocalPorts(int Api, int Sandbox, int Postgres, int Redis, IReadOnlyList<SiloPorts> Silos)
{
    public const int PreferredApi = 5080;
    private const string FileName = "ports.json";

    /// <param name="folder">Where <c>ports.json</c> lies.</param>
    /// <param name="silos">How many silos need ports; those once chosen stay, also while fewer run.</param>
    /// <param name="api">The api's port if the caller wants a certain one, 0 for any free one, null for the kept or preferred one.</param>
    public static LocalPorts Load(string folder, int silos, int? api)
    {
        var path = Path.Combine(folder, FileName);
        var ports = StateFile.Read<LocalPorts>(path) ?? Choose();
        ports = ports with { Api = api switch { null => ports.Api, 0 => FreePorts.Next(ports.All()), { } wanted => wanted } };
        while (ports.Silos.Count < silos)
            ports = ports with { Silos = [.. ports.Silos, ChooseSilo(ports.All())] };
        StateFile.Write(path, ports);
        return ports;
    }

    private static LocalPorts Choose()
    {
        List<int> taken = [];
        var api = FreePorts.IsFree(PreferredApi) ? PreferredApi : Take(taken);
        return new(api, Take(taken), Take(taken), Take(taken), []);
    }

    private static SiloPorts ChooseSilo(List<int> taken) => new(Take(taken), Take(taken), Take(taken));

    private static int Take(List<int> taken)
    {
        var port = FreePorts.Next(taken);
        taken.Add(port);
        return port;
    }

    private List<int> All() => [Api, Sandbox, Postgres, Redis, .. Silos.SelectMany(silo => new[] { silo.Http, silo.Silo, silo.Gateway })];
}
