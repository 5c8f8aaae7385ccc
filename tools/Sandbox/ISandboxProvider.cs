namespace FinanceIntegrations.Sandbox;

/// <summary>One simulated provider. A new one is a folder with an implementation of this, added in <see cref="SandboxApplication"/>.</summary>
internal interface ISandboxProvider
{
    /// <summary>Its routes lie under <c>/{Name}</c>, its control calls under <c>/control/{Name}</c>.</summary>
    string Name { get; }

    /// <summary>Root paths that this provider's own libraries call because they cannot carry a prefix.</summary>
    bool OwnsRootPath(PathString path);

    void Map(IEndpointRouteBuilder routes);

    void MapControl(IEndpointRouteBuilder control);

    /// <summary>An error body as this provider writes it, for faults that only know a status.</summary>
    Task WriteErrorAsync(HttpContext http, int status, int? retryAfter);

    /// <summary>An answer that is well formed and wrong, as the fault asks: a list without its rows, totals that disagree, rows that do not fit.</summary>
    byte[] Distort(Faults.FaultKind kind, byte[] body) => body;
}
