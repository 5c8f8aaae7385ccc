using FinanceIntegrations.Grains.Abstractions;

namespace FinanceIntegrations.Api.Cluster;

/// <summary>No silo has been reached yet since this process started.</summary>
internal sealed class ClusterNotConnectedException : Exception
{
    public ClusterNotConnectedException()
        : base("No silo has been reached yet.")
    {
    }

    public ClusterNotConnectedException(string message)
        : base(message)
    {
    }

    public ClusterNotConnectedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The door to the grains. Until the first silo is reached it refuses at once, where Orleans would let callers wait.</summary>
internal sealed class IntegrationGrains(ClusterConnection connection, IGrainFactory grains)
{
    /// <exception cref="ClusterNotConnectedException">No silo reached yet.</exception>
    public IIntegrationGrain Get(Guid id) =>
        connection.Established ? grains.GetGrain<IIntegrationGrain>(id) : throw new ClusterNotConnectedException();
}

/// <summary>Whether a silo was ever reached. Later losses show in each call, which is also what reconnects.</summary>
internal sealed class ClusterConnection
{
    private volatile bool _established;

    public bool Established => _established;

    public void Reached() => _established = true;
}

/// <summary>Keeps trying: the database or the silos may come later than we do.</summary>
internal sealed partial class KeepTrying(TimeProvider clock, ILogger<KeepTrying> log) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        LogWaiting(exception.Message);
        await Task.Delay(Pause, clock, cancellationToken);
        return true;
    }
}
