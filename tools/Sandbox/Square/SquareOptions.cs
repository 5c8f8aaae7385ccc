namespace FinanceIntegrations.Sandbox.Square;

/// <summary>The application that Square knows. Section <c>Sandbox:Square</c>.</summary>
internal sealed class SquareOptions
{
    public const string Section = "Sandbox:Square";

    public string ClientId { get; set; } = "sandbox-sq0idb-sandbox";

    public string ClientSecret { get; set; } = "sandbox-sq0csb-sandbox";

    /// <summary>Payments of the default seller. Default 600.</summary>
    public int Payments { get; set; } = 600;
}
