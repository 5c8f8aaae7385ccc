using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using FinanceIntegrations.Providers;
using FinanceIntegrations.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace FinanceIntegrations.Architecture.Tests;

/// <summary>What the AppHost gives a process, the process reads; and the local runner gives the same. Held together without Aspire.</summary>
public sealed partial class ConfigurationContractTests
{
    private static readonly IReadOnlyDictionary<string, string[]> Rooms = new Dictionary<string, string[]>
    {
        [ResourceNames.Silo] = ["Silo", "Grains", "Data", "Providers", "ServiceDefaults"],
        [ResourceNames.Api] = ["Api", "Data", "Providers", "ServiceDefaults"],
        [ResourceNames.Sandbox] = ["Sandbox"],
    };

    public static TheoryData<string> Processes => [.. Rooms.Keys];

    [Theory, MemberData(nameof(Processes))]
    public void Every_key_that_the_AppHost_gives_is_read_by_the_process(string process)
    {
        var words = Rooms[process].SelectMany(WordsOf).ToHashSet();
        var unread = KeysGivenByAppHost(process).Where(key => !IsRead(key, words));
        Assert.Empty(unread);
    }

    [Theory]
    [InlineData(ResourceNames.Silo, ResourceNames.Database)]
    [InlineData(ResourceNames.Api, ResourceNames.Database)]
    [InlineData("Migrator", ResourceNames.Database)]
    [InlineData(ResourceNames.Api, ResourceNames.Redis)]
    public void Connections_are_read_by_the_names_that_are_given(string process, string connection)
    {
        var rooms = Rooms.GetValueOrDefault(process) ?? ["Migrator", "Data"];
        Assert.Contains(connection, rooms.SelectMany(WordsOf));
    }

    [Fact]
    public void The_grain_storage_has_the_name_that_is_configured() =>
        Assert.Equal(Grains.GrainsRegistration.StorageName, ResourceNames.GrainStorage);

    [Theory, MemberData(nameof(Processes))]
    public void The_local_runner_gives_the_same_keys(string process)
    {
        var source = File.ReadAllText(RepositoryRoot.Of("tools", "Local", "Services", "ProcessEnvironment.cs"));
        Assert.All(KeyNamesInAppHost(process), name => Assert.Contains($"EnvironmentKeys.{name}]", source, StringComparison.Ordinal));
    }

    [Fact]
    public void Both_ways_to_start_let_everything_be_tried_that_the_simulated_providers_let_us_change()
    {
        using var services = new ServiceCollection().AddProviderCatalogue(new ConfigurationBuilder().Build()).BuildServiceProvider();
        var catalogue = services.GetRequiredService<ProviderCatalogue>();
        Assert.Equal(
            catalogue.All.SelectMany(entry => entry.Info.Writes.Select(kind => $"FeatureManagement__provider_{entry.Info.Id.Value}_{kind}")).Order(StringComparer.Ordinal),
            WriteSwitches.All.Order(StringComparer.Ordinal));
        Assert.All([RepositoryRoot.Of("AppHost", "AppHost.cs"), RepositoryRoot.Of("tools", "Local", "Services", "ProcessEnvironment.cs")],
            source => Assert.Contains("WriteSwitches.All", File.ReadAllText(source), StringComparison.Ordinal));
    }

    private static IEnumerable<string> KeysGivenByAppHost(string process) =>
        KeyNamesInAppHost(process).Select(name => (string)typeof(EnvironmentKeys).GetField(name)!.GetRawConstantValue()!);

    /// <summary>The keys of each resource's statement in AppHost.cs; those for a published deployment's identity provider are left out.</summary>
    private static HashSet<string> KeyNamesInAppHost(string process)
    {
        var source = File.ReadAllText(RepositoryRoot.Of("AppHost", "AppHost.cs"));
        var statements = source.Split(';').Where(s => Regex.IsMatch(s, $@"(^|\W){process}(\s*=\s*builder|\s*\.WithEnvironment)"));
        var names = statements.SelectMany(s => GivenKey().Matches(s)).Select(m => m.Groups[1].Value).ToHashSet();
        names.ExceptWith([nameof(EnvironmentKeys.Authority), nameof(EnvironmentKeys.Audience)]);
        Assert.NotEmpty(names);
        return names;
    }

    /// <summary>A key is read when each of its parts is a string or a member of the process's own assemblies.</summary>
    private static bool IsRead(string key, HashSet<string> words) => key.Split("__").All(part =>
        int.TryParse(part, out _) || words.Contains(part) || words.Any(w => w.StartsWith('_') && part.EndsWith(w, StringComparison.Ordinal)));

    private static IEnumerable<string> WordsOf(string room)
    {
        using var file = File.OpenRead(Assembly.Load("FinanceIntegrations." + room).Location);
        using var image = new PEReader(file);
        var metadata = image.GetMetadataReader();
        var words = new HashSet<string>();
        for (var handle = metadata.GetNextHandle(MetadataTokens.UserStringHandle(0)); !handle.IsNil; handle = metadata.GetNextHandle(handle))
            words.UnionWith(metadata.GetUserString(handle).Split(':').Append(metadata.GetUserString(handle)));
        words.UnionWith(metadata.PropertyDefinitions.Select(p => metadata.GetString(metadata.GetPropertyDefinition(p).Name)));
        return words;
    }

    [GeneratedRegex(@"WithEnvironment\(EnvironmentKeys\.(\w+)")]
    private static partial Regex GivenKey();
}
