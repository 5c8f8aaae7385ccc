using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace FinanceIntegrations.Api.OpenApi;

/// <summary>A header that a handler reads from the request itself, so that only this tells the document of it.</summary>
internal sealed record HeaderParameter(string Name, string Description, bool Required = false)
{
    public static readonly HeaderParameter IdempotencyKey = new(
        "Idempotency-Key", "1–255 printable ASCII characters, a new one per order: a request that is repeated with it is not done twice.", Required: true);

    public static readonly HeaderParameter Prefer = new("Prefer", "`wait=N`: wait up to N seconds for its end (RFC 7240 §4.3).");

    public static readonly HeaderParameter IfMatch = new("If-Match", "The draft's ETag: only if it is still that version.");

    /// <summary>Adds an operation's to what the framework has found.</summary>
    public static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken _)
    {
        foreach (var header in context.Description.ActionDescriptor.EndpointMetadata.OfType<HeaderParameter>())
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = header.Name,
                In = ParameterLocation.Header,
                Description = header.Description,
                Required = header.Required,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        return Task.CompletedTask;
    }
}
