using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace FinanceIntegrations.Api.OpenApi;

internal static class OpenApiServices
{
    private const string Bearer = "bearer";

    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddOpenApi("v1", options => options
        .AddSchemaTransformer((schema, context, _) =>
        {
            Spell(schema, context.JsonTypeInfo.Type);
            return Task.CompletedTask;
        })
        .AddOperationTransformer(HeaderParameter.DescribeAsync)
        .AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new()
            {
                Title = "FinanceIntegrations",
                Version = "v1",
                Description = "Banks, accounting software, payment processors and tax authorities through one API. "
                    + "Errors are RFC 9457 problem documents with a stable `code`. Lists are newest first, paged by an opaque `cursor`. "
                    + "Money is a decimal string with an ISO 4217 currency, times are UTC.",
            };
            document.Components ??= new();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = Bearer,
                BearerFormat = "JWT",
                Description = "`sub` is the user; `role` may be `admin`, the administrator, or `writer`, who may pay out and answer disputes.",
            };
            document.Security = [new() { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] }];
            return Task.CompletedTask;
        }));

    public static void MapApiDocument(this IEndpointRouteBuilder app)
    {
        app.MapOpenApi();
        app.MapScalarApiReference("/scalar", options => options.WithTitle("FinanceIntegrations"));
    }

    /// <summary>What our converters write, which the schema's maker cannot see.</summary>
    private static void Spell(OpenApiSchema schema, Type type)
    {
        var (bare, nullable) = Nullable.GetUnderlyingType(type) is { } inner ? (inner, JsonSchemaType.Null) : (type, default);
        if (bare == typeof(decimal))
        {
            schema.Type = JsonSchemaType.String | nullable;
            schema.Format = "decimal";
            schema.Pattern = @"^-?\d+(\.\d+)?$";
        }
        else if (bare == typeof(DateTimeOffset))
        {
            schema.Type = JsonSchemaType.String | nullable;
            schema.Format = "date-time";
        }
    }
}
