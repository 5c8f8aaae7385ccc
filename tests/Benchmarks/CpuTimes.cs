using System.Globalization;

namespace FinanceIntegrations.Benchmarks;

/// <summary>CPU time of the product's processes with their children, from Linux's /proc: says where an event's time goes, however busy the machine is.</summary>
internal sealed class CpuTimes
{
    private const double SecondsPerTick = 0.01;   // USER_HZ

    private readonly Dictionary<string, double> _seconds;

    private CpuTimes(Dictionary<string, double> seconds) => _seconds = seconds;

    public static CpuTimes Now(IReadOnlyDictionary<string, int> processes)
    {
        var all = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(n => int.TryParse(n, out _))
            .Select(n => Read(int.Parse(n!, CultureInfo.InvariantCulture))).Where(p => p.Parent >= 0).ToList();
        return new(processes.ToDictionary(p => p.Key, p => Tree(p.Value, all)));
    }

    /// <summary>Microseconds per unit since an earlier look, by process.</summary>
    public string PerUnitSince(CpuTimes earlier, double units) => string.Join(", ", _seconds
        .Select(now => (now.Key, Micros: (now.Value - earlier._seconds.GetValueOrDefault(now.Key)) * 1e6 / units))
        .Where(p => p.Micros >= 1).Select(p => $"{p.Key} {Bench.N(p.Micros)} µs"));

    private static double Tree(int root, List<(int Id, int Parent, double Seconds)> all) =>
        all.Where(p => p.Id == root).Sum(p => p.Seconds) + all.Where(p => p.Parent == root).Sum(p => Tree(p.Id, all));

    private static (int Id, int Parent, double Seconds) Read(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');   // from field 3 on, proc(5)
            var ticks = new[] { 11, 12, 13, 14 }.Sum(i => long.Parse(fields[i], CultureInfo.InvariantCulture));
            return (id, int.Parse(fields[1], CultureInfo.InvariantCulture), ticks * SecondsPerTick);
        }
        catch (IOException)
        {
            return (id, -1, 0);   // it has ended meanwhile
        }
    }
}
