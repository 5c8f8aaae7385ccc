using System.Text.Json;

namespace FinanceIntegrations.Sandbox.Faults;

/// <summary><c>/control/faults</c>.</summary>
internal static class FaultControl
{
    public static void MapFaultControl(this IEndpointRouteBuilder control)
    {
        control.MapPost("/faults", (Fault fault, FaultList faults, IEnumerable<ISandboxProvider> providers) =>
            providers.Any(provider => provider.Name == fault.Provider)
                ? Results.Ok(faults.Add(fault))
                : Results.BadRequest(new { message = $"No such provider: '{fault.Provider}'" }));
        control.MapGet("/faults", (FaultList faults) => faults.All());
        control.MapDelete("/faults", (FaultList faults) =>
        {
            faults.Remove(null);
            return Results.NoContent();
        });
        control.MapDelete("/faults/{id:int}", (int id, FaultList faults) => faults.Remove(id) ? Results.NoContent() : Results.NotFound());
    }

    public static string NameOf(FaultKind kind) => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString());
}
