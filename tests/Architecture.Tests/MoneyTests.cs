using System.Collections.Frozen;
using System.Reflection;
using System.Reflection.Emit;

namespace FinanceIntegrations.Architecture.Tests;

/// <summary>Money is decimal from the provider's bytes to the answer: nothing on its way is binary floating point, or passes through it.</summary>
public sealed class MoneyTests
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly string[] Rooms = ["Domain", "Grains.Abstractions", "Providers", "Data", "Grains", "Api", "Silo"];

    /// <summary>What is no money: a share or a score that is stored as numeric, a number of the user's own.</summary>
    private static readonly FrozenDictionary<string, string> NoMoney = new Dictionary<string, string>
    {
        ["FinanceIntegrations.Api.Integrations.Definition"] = "whether a number in a user's own config is one at all",
        ["FinanceIntegrations.Data.Sync.SyncStore"] = "progress of a pass",
        ["FinanceIntegrations.Data.Sync.StreamPasts"] = "progress of history",
        ["FinanceIntegrations.Data.Reading.IntegrationReader"] = "health score",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<short, OpCode> Codes = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!).ToFrozenDictionary(code => code.Value);

    [Fact]
    public void No_value_turns_from_decimal_into_binary_floating_point_or_back()
    {
        var found = Rooms.SelectMany(TypesOf).Where(type => MethodsOf(type).SelectMany(CallsOf).Any(IsConversion)).Select(Outermost).ToHashSet();
        Assert.Empty(found.Except(NoMoney.Keys));
        Assert.Empty(NoMoney.Keys.Except(found));   // else it needs no leave any more
    }

    [Fact]
    public void No_record_order_or_row_of_a_provider_holds_binary_floating_point()
    {
        string[] spaces = ["Domain.Money", "Domain.Records", "Domain.Operations", "Providers.Stripe", "Providers.PayPal", "Providers.Square", "Data.Records", "Data.Reading.Records", "Data.Disputes", "Api.Records", "Api.Operations"];
        var types = Rooms.SelectMany(TypesOf).Where(type => spaces.Any(space => type.Namespace == $"FinanceIntegrations.{space}")).ToList();
        Assert.True(types.Count > 100);
        Assert.Empty(types.SelectMany(type => type.GetFields(All)).Where(field => IsBinary(field.FieldType) && !field.Name.Contains("rogress", StringComparison.Ordinal))
            .Select(field => $"{field.DeclaringType}.{field.Name}"));
    }

    private static IEnumerable<Type> TypesOf(string room) => Assembly.Load($"FinanceIntegrations.{room}").GetTypes();

    private static string Outermost(Type type)
    {
        while (type.DeclaringType is { } outer) type = outer;
        return type.FullName!;
    }

    private static IEnumerable<MethodBase> MethodsOf(Type type) => type.GetMethods(All).Concat<MethodBase>(type.GetConstructors(All));

    private static bool IsBinary(Type type) => (Nullable.GetUnderlyingType(type) ?? type) is var plain && (plain == typeof(double) || plain == typeof(float));

    private static bool IsConversion(MethodBase call)
    {
        if (call.DeclaringType is not { } owner) return false;
        if (call.Name is "GetDouble" or "TryGetDouble" or "GetSingle" or "TryGetSingle" or "GetFloat") return true;
        if (IsBinary(owner)) return call.Name is "Parse" or "TryParse";
        var types = call.GetParameters().Select(parameter => parameter.ParameterType).Append(call is MethodInfo method ? method.ReturnType : owner).ToList();
        return types.Exists(IsBinary) && (owner == typeof(decimal) || (owner == typeof(Convert) && types.Contains(typeof(decimal))));
    }

    /// <summary>What a method's own code calls.</summary>
    private static IEnumerable<MethodBase> CallsOf(MethodBase method)
    {
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } code) yield break;
        for (var at = 0; at < code.Length;)
        {
            var op = Codes[code[at] == 0xFE ? unchecked((short)(0xFE00 | code[at + 1])) : code[at]];
            at += op.Size;
            if (op.OperandType == OperandType.InlineMethod)
            {
                var types = method.DeclaringType is { IsGenericType: true } owner ? owner.GetGenericArguments() : null;
                var own = method.IsGenericMethod ? method.GetGenericArguments() : null;
                if (method.Module.ResolveMethod(BitConverter.ToInt32(code, at), types, own) is { } called) yield return called;
            }
            at += op.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }
}
