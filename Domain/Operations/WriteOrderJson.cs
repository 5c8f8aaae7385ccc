using System.Text.Json;
using System.Text.Json.Serialization;

namespace FinanceIntegrations.Domain.Operations;

/// <summary>An order as it crosses a grain call: snake_case JSON with its <c>kind</c>.</summary>
public static class WriteOrderJson
{
    public static string Of(WriteOrder order) => JsonSerializer.Serialize(order, WriteOrderContext.Default.WriteOrder);

    /// <exception cref="JsonException">The text is no order.</exception>
    public static WriteOrder Read(string json) =>
        JsonSerializer.Deserialize(json, WriteOrderContext.Default.WriteOrder) ?? throw new JsonException("There is no order.");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WriteOrder))]
internal sealed partial class WriteOrderContext : JsonSerializerContext;
