using System.Security.Cryptography;

namespace FinanceIntegrations.AppHost;

/// <summary>A development key: base64 of 32 random bytes, made once and kept in the AppHost's user secrets.</summary>
internal sealed class RandomKey : ParameterDefault
{
    private const int Bytes = 32;

    public override string GetDefaultValue() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes));

    public override void WriteToManifest(ManifestPublishingContext context) =>
        throw new NotSupportedException("a published deployment gets its keys from its operator, never from here");
}
