namespace FinanceIntegrations.Local.Services;

/// <summary>How one process is started, and how it is asked to stop.</summary>
public sealed record ProcessPlan
{
    public required string Name { get; init; }

    /// <summary>Program and arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Where its standard output and error are appended.</summary>
    public required string LogPath { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>This process's own unless told.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>What asks it to stop cleanly.</summary>
    public Signal StopSignal { get; init; } = Signal.Terminate;

    /// <summary>How long it may take to stop before it is killed.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(20);
}
