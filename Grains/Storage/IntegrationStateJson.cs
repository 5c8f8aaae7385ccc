using System.Text.Json;
using System.Text.Json.Serialization;
using FinanceIntegrations.Domain.Integrations;
using Orleans.Storage;

namespace FinanceIntegrations.Grains.Storage;

/// <summary>The state as it stands on disk: snake_case JSON, which psql and migration 0006 read; no CLR name in it.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IntegrationState))]
internal sealed partial class IntegrationStateJson : JsonSerializerContext;

/// <summary>Orleans' storage serializer over <see cref="IntegrationStateJson"/>. A type that is not in the context is a bug, found at its first write.</summary>
internal sealed class JsonStorageSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, typeof(T), IntegrationStateJson.Default));

    public T Deserialize<T>(BinaryData input) =>
        (T)(JsonSerializer.Deserialize(input.ToMemory().Span, typeof(T), IntegrationStateJson.Default)
            ?? throw new JsonException("A stored state is null."));
}
