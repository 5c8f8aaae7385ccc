using System.Text.Json;

namespace FinanceIntegrations.Sandbox.Stripe.Ledger;

/// <summary>A file that the account was given. What it is good for is said when it is uploaded.</summary>
internal sealed class UploadedFile : StripeObject
{
    public const string DisputeEvidence = "dispute_evidence";

    public static readonly IReadOnlyList<string> Purposes =
    [
        "account_requirement", "additional_verification", "business_icon", "business_logo", "customer_signature", DisputeEvidence,
        "identity_document", "pci_document", "tax_document_user_upload", "terminal_reader_splashscreen",
    ];

    public required string Name { get; init; }
    public required string Purpose { get; init; }

    /// <summary><c>pdf</c> · <c>jpg</c> · <c>png</c>, by its first bytes.</summary>
    public required string Type { get; init; }
    public required byte[] Content { get; init; }

    public override IEnumerable<(string, string?)> Keys => [("purpose", Purpose)];

    /// <summary>Null: of no type that is known here.</summary>
    public static string? TypeOf(ReadOnlySpan<byte> content) => content switch
    {
        [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => "pdf",
        [0xFF, 0xD8, 0xFF, ..] => "jpg",
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "png",
        _ => null,
    };

    public override string? Value(string field) => field == "purpose" ? Purpose : null;

    protected override void Write(Utf8JsonWriter json)
    {
        json.WriteString("id", Id);
        json.WriteString("object", "file");
        json.WriteNumber("created", Created);
        json.WriteNull("expires_at");
        json.WriteString("filename", Name);
        json.WriteStartObject("links");
        json.WriteString("object", "list");
        json.EmptyArray("data");
        json.WriteBoolean("has_more", false);
        json.WriteString("url", $"/v1/file_links?file={Id}");
        json.WriteEndObject();
        json.WriteString("purpose", Purpose);
        json.WriteNumber("size", Content.Length);
        json.WriteNull("title");
        json.WriteString("type", Type);
        json.WriteString("url", $"https://files.stripe.com/v1/files/{Id}/contents");
    }
}
