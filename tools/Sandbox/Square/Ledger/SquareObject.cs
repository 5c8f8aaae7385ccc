using System.Text.Json.Nodes;

namespace FinanceIntegrations.Sandbox.Square.Ledger;

/// <summary>Something with an id on a seller's books. Times are unix milliseconds.</summary>
internal abstract class SquareObject
{
    public required string Id { get; init; }

    public required string LocationId { get; init; }

    public required long Created { get; init; }

    public long Updated { get; set; }

    /// <summary>As the API gives it.</summary>
    public abstract JsonObject Json();
}
