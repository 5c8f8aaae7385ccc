using System.Security.Cryptography;

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

    /// <summary>Those kept in the folder, or new ones that are kept from now on.</summary>
    public static LocalSecrets Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        var kept = StateFile.Read<LocalSecrets>(path);
        if (kept is { SquareClientId.Length: > 0 })
            return kept;
        var made = (kept ?? Made()) with
        {
            SquareClientId = "sandbox-sq0idb-" + Word(),
            SquareClientSecret = "sandbox-sq0csb-" + Word(),
            SquareWebhookSecret = Word(),
        };
        StateFile.Write(path, made);
        return made;

        static LocalSecrets Made() => new()
        {
            SigningKey = Key(),
            EdgeMasterKey = Key(),
            TokenMasterKey = Key(),
            StripeClientId = "ca_" + Word(),
            StripeSecretKey = "sk_test_" + Word(),
            StripeWebhookSecret = "whsec_" + Word(),
        };
    }

    /// <summary>Letters and digits, about 190 bits.</summary>
    internal static string Word() =>
        RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 32);

    private static string Key() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
}
