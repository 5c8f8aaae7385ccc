using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Sandbox.Foundation;

/// <summary>
/// What control calls and consents changed, one JSON line each, in the order in which it happened. Replayed at start, so that a restarted
/// sandbox has the same accounts, connections and tokens. Without a data folder nothing is written.
/// </summary>
internal sealed class Journal : IDisposable
{
    private readonly Lock _lock = new();
    private readonly StreamWriter? _file;
    private readonly List<(string Topic, JsonObject Entry)> _past = [];

    public Journal(IOptions<SandboxOptions> options, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        var anchor = options.Value.Anchor ?? now.Subtract(TimeSpan.FromTicks(now.Ticks % TimeSpan.TicksPerHour));
        if (options.Value.DataFolder is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
            anchor = KeepAnchor(Path.Combine(folder, "anchor.json"), anchor);
            var path = Path.Combine(folder, "journal.jsonl");
            if (File.Exists(path)) _past.AddRange(File.ReadLines(path).Select(Parse).OfType<(string, JsonObject)>());
            var cut = EndsWithinALine(path);
            _file = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
            if (cut) _file.WriteLine();   // else what comes next would be lost with it
        }
        Anchor = anchor.ToUnixTimeSeconds();
    }

    /// <summary>Unix seconds at which the generated history ends.</summary>
    public long Anchor { get; }

    public IEnumerable<JsonObject> Past(string topic) => _past.Where(line => line.Topic == topic).Select(line => line.Entry);

    /// <summary>The entries whose topic starts with the prefix, in the order in which they were written.</summary>
    public IEnumerable<(string Topic, JsonObject Entry)> PastOf(string prefix) =>
        _past.Where(line => line.Topic.StartsWith(prefix, StringComparison.Ordinal));

    public void Append(string topic, JsonObject entry)
    {
        if (_file is null) return;
        var line = new JsonObject { ["topic"] = topic, ["entry"] = entry.DeepClone() }.ToJsonString();
        lock (_lock) _file.WriteLine(line);
    }

    public void Dispose() => _file?.Dispose();

    private static DateTimeOffset KeepAnchor(string path, DateTimeOffset anchor)
    {
        if (File.Exists(path)) return JsonSerializer.Deserialize<DateTimeOffset>(File.ReadAllText(path));
        File.WriteAllText(path, JsonSerializer.Serialize(anchor));
        return anchor;
    }

    private static bool EndsWithinALine(string path)
    {
        if (!File.Exists(path)) return false;
        using var file = File.OpenRead(path);
        if (file.Length == 0) return false;
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() != '\n';
    }

    /// <summary>A line cut short by a crash was never answered for, so it is left out.</summary>
    private static (string, JsonObject)? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line) is JsonObject whole ? ((string)whole["topic"]!, (JsonObject)whole["entry"]!) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
