using System.Text.Json;

namespace FinanceIntegrations.Local.Services;

/// <summary>Small JSON files of the local folder: only their owner reads them, and none is ever seen half-written.</summary>
internal static class StateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly JsonSerializerOptions Format =
        new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public static T? Read<T>(string path)
        where T : class =>
        File.Exists(path) ? JsonSerializer.Deserialize<T>(File.ReadAllText(path), Format) : null;

    public static void Write<T>(string path, T value) => WriteText(path, JsonSerializer.Serialize(value, Format) + "\n");

    public static void WriteText(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var next = path + ".next";
        File.Delete(next);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
        using (var writer = new StreamWriter(next, options))
            writer.Write(text);
        File.Move(next, path, overwrite: true);
    }
}
