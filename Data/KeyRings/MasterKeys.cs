using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;

namespace FinanceIntegrations.Data.KeyRings;

/// <summary>Master keys of one ring: the first encrypts, every one decrypts, so that a key can be replaced without losing the ring.</summary>
internal sealed class MasterKeys
{
    private readonly IReadOnlyList<byte[]> _keys;

    private MasterKeys(IReadOnlyList<byte[]> keys) => _keys = keys;

    public (string Id, byte[] Key) Current => (IdOf(_keys[0]), _keys[0]);

    public byte[] Find(string id) => _keys.FirstOrDefault(k => IdOf(k) == id)
        ?? throw new CryptographicException($"No master key with id {id}: keep a replaced master key in the setting, after the new one and a comma.");

    /// <exception cref="InvalidOperationException">Missing, or not base64 of 32 bytes. The message names the setting.</exception>
    public static MasterKeys Parse(string? text, string setting, IHostEnvironment environment)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw new InvalidOperationException(
                $"{setting} is missing: base64 of 32 random bytes (openssl rand -base64 32). {environment.EnvironmentName} does not start without a master key.");
        try
        {
            var keys = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Convert.FromBase64String).ToList();
            if (keys.Count > 0 && keys.All(k => k.Length == 32)) return new(keys);
        }
        catch (FormatException)
        {
            // Falls through to the message below: the key itself must not stand in it.
        }
        throw new InvalidOperationException($"{setting} must be base64 of 32 bytes; several, newest first, are separated by commas.");
    }

    private static string IdOf(byte[] key) => Convert.ToHexStringLower(SHA256.HashData(key).AsSpan(0, 8));

    public override string ToString() => "***";
}
