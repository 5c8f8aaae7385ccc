using Microsoft.AspNetCore.Http.Metadata;

namespace FinanceIntegrations.Api.Limits;

/// <summary>A route's own limit of the body, in bytes, in place of the server's.</summary>
internal sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
