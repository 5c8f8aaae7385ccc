using System.Text.Json;
using Xunit;

namespace FinanceIntegrations.Providers.Tests;

/// <summary>Providers' own specifications, which lie beside the checkout and not in it.</summary>
internal static class Specifications
{
    /// <summary>The file's bytes; the test is skipped where the folder is not there.</summary>
    public static byte[] Read(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "shared", "specs", path) is var file && File.Exists(file))
                return File.ReadAllBytes(file);
        Assert.Skip($"../shared/specs/{path} is not beside this checkout.");
        return [];
    }

    public static JsonDocument ReadJson(string path) => JsonDocument.Parse(Read(path));
}
