using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Options;

namespace FinanceIntegrations.Sandbox.PayPal;

/// <summary>The chain that webhooks are signed with: a root, one between, and the leaf whose name PayPal's has (paypal.md §7).</summary>
internal sealed class PayPalSigning : IDisposable
{
    private const string LeafName = "CN=messageverificationcerts.sandbox.paypal.com, O=PayPal Sandbox";

    private readonly Lock _lock = new();
    private readonly List<Issued> _issued = [];
    private readonly PayPalOptions _options;
    private readonly TimeProvider _clock;
    private X509Certificate2? _root;

    public PayPalSigning(IOptions<PayPalOptions> options, TimeProvider clock) => (_options, _clock) = (options.Value, clock);

    public string RootPem
    {
        get
        {
            lock (_lock) return Root().ExportCertificatePem();
        }
    }

    /// <summary>Leaf and the one between, as PEM; null: there is no such certificate.</summary>
    public string? Find(string id)
    {
        lock (_lock) return _issued.Find(one => one.Id == id)?.Chain;
    }

    /// <summary>From now on another certificate signs.</summary>
    public string Rotate()
    {
        lock (_lock) return Issue().Url;
    }

    public IEnumerable<(string Name, string Value)> Headers(byte[] body, string webhookId, DateTimeOffset at)
    {
        var (id, time) = (Guid.CreateVersion7(at).ToString(), at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        var signer = Current();
        var signature = signer.Key.SignData(Message(id, time, webhookId, body), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return
        [
            ("PAYPAL-TRANSMISSION-ID", id), ("PAYPAL-TRANSMISSION-TIME", time), ("PAYPAL-TRANSMISSION-SIG", Convert.ToBase64String(signature)),
            ("PAYPAL-CERT-URL", signer.Url), ("PAYPAL-AUTH-ALGO", "SHA256withRSA"), ("PAYPAL-AUTH-VERSION", "v2"),
        ];
    }

    public bool Verifies(string url, string id, string time, string webhookId, byte[] body, byte[] signature)
    {
        Issued? signer;
        lock (_lock) signer = _issued.Find(one => one.Url == url);
        return signer?.Key.VerifyData(Message(id, time, webhookId, body), signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) == true;
    }

    public void Dispose()
    {
        foreach (var one in _issued) one.Key.Dispose();
        _root?.Dispose();
    }

    private Issued Current()
    {
        lock (_lock) return _issued is [.., var last] ? last : Issue();
    }

    private X509Certificate2 Root() =>
        _root ??= _options.Root.Length > 0 ? X509Certificate2.CreateFromPem(_options.Root, _options.Root) : NewRoot(_clock.GetUtcNow());

    private static byte[] Message(string id, string time, string webhookId, byte[] body) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}|{time}|{webhookId}|{Crc32(body)}"));

    /// <summary>IEEE 802.3, bit by bit: slow, and plain to see.</summary>
    internal static uint Crc32(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }

    private Issued Issue()
    {
        var now = _clock.GetUtcNow();
        using var between = Issue("CN=PayPal Sandbox Server CA", Root(), authority: true, now);
        var key = RSA.Create(2048);
        var request = new CertificateRequest(LeafName, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        using var leaf = request.Create(between, now.AddDays(-1), now.AddDays(90), RandomNumberGenerator.GetBytes(12));
        var issued = new Issued(
            key, "CERT-360caa42-" + RandomNumberGenerator.GetHexString(16, lowercase: true), leaf.ExportCertificatePem() + "\n" + between.ExportCertificatePem() + "\n");
        _issued.Add(issued);
        return issued;
    }

    private static X509Certificate2 NewRoot(DateTimeOffset now)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=PayPal Sandbox Root", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(now.AddDays(-30), now.AddYears(5));
    }

    private static X509Certificate2 Issue(string name, X509Certificate2 issuer, bool authority, DateTimeOffset now)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, true));
        using var made = request.Create(issuer, now.AddDays(-10), now.AddYears(1), RandomNumberGenerator.GetBytes(12));
        return made.CopyWithPrivateKey(key);
    }

    private sealed record Issued(RSA Key, string Id, string Chain)
    {
        public string Url => $"https://api.sandbox.paypal.com/v1/notifications/certs/{Id}";
    }
}
