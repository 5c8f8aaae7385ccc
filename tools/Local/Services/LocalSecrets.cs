using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FinanceIntegrations.Local.Services;

/// <summary>Secrets made once per folder, for this machine only. Keys are base64 of 32 random bytes.</summary>
public sealed record LocalSecrets
{
    private const string FileName = "secrets.json";

    public required string SigningKey { get; init; }

    public required string EdgeMasterKey { get; init; }

    public required string TokenMasterKey { get; init; }

    public required string StripeClientId { get; init; }

    public required string StripeSecretKey { get; init; }

    public required string StripeWebhookSecret { get; init; }

    // What came later is not required: a folder from before gets it at the next start.

    public string SquareClientId { get; init; } = "";

    public string SquareClientSecret { get; init; } = "";

    public string SquareWebhookSecret { get; init; } = "";

    public string PayPalClientId { get; init; } = "";

    public string PayPalClientSecret { get; init; } = "";

    /// <summary>The webhook's id at the simulated PayPal: it binds what is signed to our endpoint.</summary>
    public string PayPalWebhookId { get; init; } = "";

    /// <summary>PEM of the simulated PayPal's root: the certificate, which the api trusts, and below it the key.</summary>
    public string PayPalRoot { get; init; } = "";

    internal string PayPalRootCertificate => PayPalRoot[..(PayPalRoot.IndexOf("-----END CERTIFICATE-----", StringComparison.Ordinal) + "-----END CERTIFICATE-----".Length)];

    /// <summary>Those kept in the folder, or new ones that are kept from now on.</summary>
    public static LocalSecrets Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        var kept = StateFile.Read<LocalSecrets>(path);
        if (kept is { SquareClientId.Length: > 0, PayPalRoot.Length: > 0 })
            return kept;
        // A folder from before there was one of these keeps the rest: databases are sealed with it.
        var made = kept ?? New();
        if (made.SquareClientId.Length == 0)
            made = made with { SquareClientId = "sandbox-sq0idb-" + Word(), SquareClientSecret = "sandbox-sq0csb-" + Word(), SquareWebhookSecret = Word() };
        if (made.PayPalRoot.Length == 0)
            made = made with { PayPalClientId = "paypal_" + Word(), PayPalClientSecret = Word(), PayPalWebhookId = Word(), PayPalRoot = Root() };
        StateFile.Write(path, made);
        return made;
    }

    private static LocalSecrets New() => new()
    {
        SigningKey = Key(),
        EdgeMasterKey = Key(),
        TokenMasterKey = Key(),
        StripeClientId = "ca_" + Word(),
        StripeSecretKey = "sk_test_" + Word(),
        StripeWebhookSecret = "whsec_" + Word(),
    };

    /// <summary>Letters and digits, about 190 bits.</summary>
    internal static string Word() =>
        RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 32);

    private static string Root()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=Local PayPal Root", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var root = request.CreateSelfSigned(new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2049, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return $"{root.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }

    private static string Key() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
}
