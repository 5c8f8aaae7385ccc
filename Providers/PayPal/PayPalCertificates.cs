using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>
/// The certificates that webhooks are signed with, by their address: only from PayPal's hosts, only https, only with a chain to a root that
/// the deployment trusts (paypal.md §7). Kept once they are here.
/// </summary>
/// <param name="hosts">Hosts from which a certificate may come.</param>
/// <param name="trusted">Roots, and intermediates that a chain may need.</param>
/// <param name="fetch">Fetches what lies at an address that has passed; null: it cannot be had now.</param>
internal sealed class PayPalCertificates(
    IReadOnlyCollection<string> hosts, X509Certificate2Collection trusted, Func<Uri, CancellationToken, Task<string?>> fetch, TimeProvider clock) : IDisposable
{
    private const string Path = "/v1/notifications/certs/";
    private const int MaxKept = 64;

    /// <summary>Addresses come from the network: so many may be tried within <see cref="Pause"/>, then the rest has to wait.</summary>
    private const int MaxTries = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, PayPalCertificate> _kept = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _one = new(1);
    private readonly Queue<DateTimeOffset> _tries = new();

    /// <summary>False: nothing from there is believed.</summary>
    public bool Allows(Uri url) => url.Scheme == Uri.UriSchemeHttps && url.IsDefaultPort && url.UserInfo.Length == 0
        && hosts.Contains(url.Host, StringComparer.OrdinalIgnoreCase)
        && url.AbsolutePath.StartsWith(Path, StringComparison.Ordinal) && url.Query.Length == 0 && url.Fragment.Length == 0;

    /// <summary>Null: not here yet.</summary>
    public PayPalCertificate? Find(Uri url) => _kept.GetValueOrDefault(url.AbsoluteUri);

    /// <summary>True: it is here, good or not. False: it cannot be had now.</summary>
    public async Task<bool> LoadAsync(Uri url, DateTimeOffset now, CancellationToken cancel)
    {
        if (!Allows(url)) return false;
        // Many requests with one certificate fetch it once; behind addresses that do not answer nobody waits for long.
        if (!await _one.WaitAsync(Patience, cancel)) return false;
        try
        {
            if (_kept.ContainsKey(url.AbsoluteUri)) return true;
            if (!MayTry()) return false;
            if (await fetch(url, cancel) is not { } pem || Read(pem) is not { } certificate) return false;   // an error page is not kept
            if (_kept.Count >= MaxKept) _kept.Clear();
            _kept[url.AbsoluteUri] = certificate;
            return true;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private bool MayTry()
    {
        var now = clock.GetUtcNow();
        while (_tries.TryPeek(out var oldest) && now - oldest >= Pause) _tries.Dequeue();
        if (_tries.Count >= MaxTries) return false;
        _tries.Enqueue(now);
        return true;
    }

    /// <summary>Null: not PEM, or without a certificate.</summary>
    private PayPalCertificate? Read(string pem)
    {
        var sent = new X509Certificate2Collection();
        try
        {
            sent.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            return null;
        }
        return sent.Count == 0 ? null : PayPalCertificate.Of(sent, trusted);
    }
}

/// <summary>A certificate, and when a signature with it counts.</summary>
internal sealed class PayPalCertificate
{
    private const string NameStart = "messageverificationcerts.";
    private const string NameEnd = ".paypal.com";

    private readonly RSA? _key;
    private readonly DateTime _from;
    private readonly DateTime _to;

    private PayPalCertificate(RSA? key, DateTime from, DateTime to) => (_key, _from, _to) = (key, from, to);

    /// <param name="sent">The leaf first, then what its chain needs.</param>
    /// <param name="trusted">Self-signed ones are roots; the others may stand between.</param>
    public static PayPalCertificate Of(X509Certificate2Collection sent, X509Certificate2Collection trusted)
    {
        var leaf = sent[0];
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;   // has failed on PayPal's own intermediates (paypal.md §9)
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;   // held against the time of each signature
        foreach (var one in trusted)
        {
            if (one.SubjectName.RawData.AsSpan().SequenceEqual(one.IssuerName.RawData)) chain.ChainPolicy.CustomTrustStore.Add(one);
            else chain.ChainPolicy.ExtraStore.Add(one);
        }
        for (var i = 1; i < sent.Count; i++) chain.ChainPolicy.ExtraStore.Add(sent[i]);
        var name = leaf.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        var good = name.StartsWith(NameStart, StringComparison.Ordinal) && name.EndsWith(NameEnd, StringComparison.Ordinal) && chain.Build(leaf);
        if (!good || leaf.GetRSAPublicKey() is not { } key) return new(null, default, default);
        return new(key, chain.ChainElements.Max(e => e.Certificate.NotBefore.ToUniversalTime()), chain.ChainElements.Min(e => e.Certificate.NotAfter.ToUniversalTime()));
    }

    /// <summary>The chain leads to a trusted root, and every certificate of it was valid then.</summary>
    public bool IsGoodAt(DateTimeOffset at) => _key is not null && at.UtcDateTime >= _from && at.UtcDateTime <= _to;

    public bool Signs(byte[] message, byte[] signature) =>
        _key?.VerifyData(message, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) == true;
}
