using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace FinanceIntegrations.Data.KeyRings;

/// <summary>Wraps a ring's keys with AES-256-GCM (NIST SP 800-38D) under the master key.</summary>
internal sealed class MasterKeyEncryptor(MasterKeys keys) : IXmlEncryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var (id, key) = keys.Current;
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var nonce = RandomNumberGenerator.GetBytes(AesGcm.NonceByteSizes.MaxSize);
        var tag = new byte[AesGcm.TagByteSizes.MaxSize];
        var cipher = new byte[plain.Length];
        using var aes = new AesGcm(key, tag.Length);
        aes.Encrypt(nonce, plain, cipher, tag, Encoding.UTF8.GetBytes(id));
        CryptographicOperations.ZeroMemory(plain);
        var element = new XElement("wrapped",
            new XAttribute("master", id),
            new XAttribute("nonce", Convert.ToBase64String(nonce)),
            new XAttribute("tag", Convert.ToBase64String(tag)),
            Convert.ToBase64String(cipher));
        return new(element, typeof(MasterKeyDecryptor));
    }
}

/// <summary>Found by Data Protection through the type's name in the stored XML.</summary>
internal sealed class MasterKeyDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        var id = Attribute(encryptedElement, "master");
        var cipher = Convert.FromBase64String(encryptedElement.Value);
        var plain = new byte[cipher.Length];
        var tag = Convert.FromBase64String(Attribute(encryptedElement, "tag"));
        using var aes = new AesGcm(services.GetRequiredService<MasterKeys>().Find(id), tag.Length);
        aes.Decrypt(Convert.FromBase64String(Attribute(encryptedElement, "nonce")), cipher, tag, plain, Encoding.UTF8.GetBytes(id));
        return XElement.Parse(Encoding.UTF8.GetString(plain));
    }

    private static string Attribute(XElement element, string name) =>
        element.Attribute(name)?.Value ?? throw new CryptographicException($"A wrapped key lacks its {name}.");
}
