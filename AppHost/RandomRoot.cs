using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FinanceIntegrations.AppHost;

/// <summary>The simulated PayPal's root: PEM of a certificate and its key, made once and kept in the AppHost's user secrets.</summary>
internal sealed class RandomRoot : ParameterDefault
{
    private const int KeyBits = 2048;

    public override string GetDefaultValue()
    {
        using var key = RSA.Create(KeyBits);
        var request = new CertificateRequest("CN=Local PayPal Root", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var root = request.CreateSelfSigned(new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2049, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return $"{root.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }

    public override void WriteToManifest(ManifestPublishingContext context) =>
        throw new NotSupportedException("a published deployment trusts PayPal's own roots, never one from here");
}
