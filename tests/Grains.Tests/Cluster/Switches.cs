using Microsoft.Extensions.Configuration;

namespace FinanceIntegrations.Grains.Tests.Cluster;

/// <summary>Configuration that changes while the silos run, as a file does that an operator edits.</summary>
public sealed class Switches : ConfigurationProvider, IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>Off until what it answers is disposed.</summary>
    public IDisposable Off(string feature)
    {
        Set("FeatureManagement:" + feature, "false");
        OnReload();
        return new Switch(this, feature);
    }

    /// <summary>On, as an operator sets what is off unless it is set.</summary>
    public void On(string feature)
    {
        Set("FeatureManagement:" + feature, "true");
        OnReload();
    }

    private sealed class Switch(Switches switches, string feature) : IDisposable
    {
        public void Dispose()
        {
            switches.Set("FeatureManagement:" + feature, "true");
            switches.OnReload();
        }
    }
}
