using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FinanceIntegrations.Providers.Tests.PayPal;

/// <summary>A certificate authority of the test's own, and leaves that hang from it.</summary>
internal sealed class TestChain : IDisposable
{
    public const string Name = "CN=messageverificationcerts.paypal.com";

    private readonly RSA _rootKey = RSA.Create(2048);
    private readonly RSA _leafKey = RSA.Create(2048);
    private readonly X509Certificate2 _root;
    private readonly DateTimeOffset _now;

    public TestChain(DateTimeOffset now)
    {
        _now = now;
        var request = new CertificateRequest("CN=Test Root", _rootKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _root = request.CreateSelfSigned(now.AddYears(-1), now.AddYears(1));
    }

    public X509Certificate2Collection Trusted => [_root];

    public string RootPem => _root.ExportCertificatePem();

    /// <param name="from">Relative to now.</param>
    /// <param name="to">Relative to now.</param>
    public string Leaf(string name = Name, TimeSpan? from = null, TimeSpan? to = null)
    {
        using var leaf = Request(name).Create(_root, _now + (from ?? TimeSpan.FromDays(-10)), _now + (to ?? TimeSpan.FromDays(10)), [1, 2, 3, 4]);
        return leaf.ExportCertificatePem();
    }

    public string SelfSigned()
    {
        using var leaf = Request(Name).CreateSelfSigned(_now.AddDays(-10), _now.AddDays(10));
        return leaf.ExportCertificatePem();
    }

    public string Sign(string message) =>
        Convert.ToBase64String(_leafKey.SignData(System.Text.Encoding.UTF8.GetBytes(message), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    public void Dispose()
    {
        _root.Dispose();
        _rootKey.Dispose();
        _leafKey.Dispose();
    }

    private CertificateRequest Request(string name) => new(name, _leafKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
}
