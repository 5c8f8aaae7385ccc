using System.Reflection;

namespace FinanceIntegrations.Architecture.Tests;

/// <summary>The rooms and who may depend on whom, as the design has it.</summary>
internal static class Rooms
{
    public const string Prefix = "FinanceIntegrations.";

    public static readonly IReadOnlyDictionary<string, string[]> Allowed = new Dictionary<string, string[]>
    {
        ["Domain"] = [],
        ["ServiceDefaults"] = [],
        ["Sandbox"] = [],
        ["Grains.Abstractions"] = ["Domain"],
        ["Providers"] = ["Domain"],
        ["Data"] = ["Domain"],
        ["Grains"] = ["Grains.Abstractions", "Data", "Providers", "Domain"],
        ["Silo"] = ["Grains", "ServiceDefaults", "Data", "Providers", "Domain"],   // composes what Grains brings along
        ["Api"] = ["Grains.Abstractions", "Data", "Providers", "ServiceDefaults", "Domain"],
        ["Migrator"] = ["Data"],
    };

    public static TheoryData<string> Names => [.. Allowed.Keys];

    public static Assembly Load(string room) => Assembly.Load(Prefix + room);
}
