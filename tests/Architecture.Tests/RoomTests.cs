using System.Reflection;
using System.Runtime.CompilerServices;

namespace FinanceIntegrations.Architecture.Tests;

public sealed class RoomTests
{
    public static TheoryData<string> Names => Rooms.Names;

    [Theory, MemberData(nameof(Names))]
    public void A_room_knows_no_more_rooms_than_the_design_allows(string room)
    {
        var known = Rooms.Load(room).GetReferencedAssemblies()
            .Select(a => a.Name!).Where(n => n.StartsWith(Rooms.Prefix, StringComparison.Ordinal)).Select(n => n[Rooms.Prefix.Length..]);
        Assert.Empty(known.Except(Rooms.Allowed[room]));
    }

    [Fact]
    public void Domain_uses_no_package()
    {
        var known = Rooms.Load("Domain").GetReferencedAssemblies().Select(a => a.Name!);
        Assert.All(known, name => Assert.True(name.StartsWith("System", StringComparison.Ordinal) || name == "netstandard", name));
    }

    [Theory, MemberData(nameof(Names))]
    public void A_class_that_nothing_derives_from_is_sealed(string room)
    {
        var types = Rooms.Allowed.Keys.SelectMany(r => Rooms.Load(r).GetTypes()).ToList();
        var open = Rooms.Load(room).GetTypes()
            .Where(t => t is { IsClass: true, IsSealed: false, IsAbstract: false } && !IsGenerated(t) && !types.Any(other => other.BaseType == t))
            .Select(t => t.FullName);
        Assert.Empty(open);
    }

    [Theory, MemberData(nameof(Names))]
    public void Only_Data_sends_commands_to_the_database(string room)
    {
        if (room is "Data" or "Sandbox") return;
        var commands = new[] { "NpgsqlCommand", "NpgsqlBatch", "NpgsqlBatchCommand", "NpgsqlConnection" };
        Assert.Empty(TypesUsedBy(Rooms.Load(room)).Intersect(commands));
    }

    /// <summary>Names of the types of other assemblies that an assembly's metadata mentions.</summary>
    private static IEnumerable<string> TypesUsedBy(Assembly assembly)
    {
        using var file = File.OpenRead(assembly.Location);
        using var image = new System.Reflection.PortableExecutable.PEReader(file);
        var metadata = System.Reflection.Metadata.PEReaderExtensions.GetMetadataReader(image);
        return [.. metadata.TypeReferences.Select(handle => metadata.GetString(metadata.GetTypeReference(handle).Name))];
    }

    /// <summary>Orleans' and the compiler's own classes are not ours to seal; a Program of top-level statements is not either.</summary>
    private static bool IsGenerated(Type type) =>
        type.IsDefined(typeof(CompilerGeneratedAttribute)) || type.IsDefined(typeof(System.CodeDom.Compiler.GeneratedCodeAttribute))
        || type.Name == "Program" || type.Namespace?.StartsWith("OrleansCodeGen", StringComparison.Ordinal) == true
        || type.DeclaringType is { } outer && IsGenerated(outer);
}
