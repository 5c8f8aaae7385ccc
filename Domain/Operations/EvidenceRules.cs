using System.Globalization;
using System.Security.Cryptography;

namespace FinanceIntegrations.Domain.Operations;

/// <summary>What may be laid into a draft of evidence. Pure.</summary>
public static class EvidenceRules
{
    /// <summary>Characters.</summary>
    public const int LongestName = 100;

    /// <summary>Of one order.</summary>
    public const int MostFiles = 10;

    /// <summary>Path separators, and what some file system gives a meaning.</summary>
    private const string NotInNames = "/\\:*?\"<>|";

    /// <summary>What is wrong with a file's name: null where nothing is.</summary>
    /// <param name="mediaType">Its ending must agree: banks' forms tell by it what a file is.</param>
    public static string? ProblemOfName(string? name, string mediaType)
    {
        if (name is not { Length: > 0 and <= LongestName }) return $"A file's name has 1–{LongestName} characters.";
        if (name.Any(IsUnfit) || name != name.Trim() || name[0] == '.')
            return "A file's name has no path, no control characters and none of : * ? \" < > |, and does not begin with a dot.";
        var endings = EndingsOf(mediaType);
        return endings.Any(ending => name.Length > ending.Length && name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            ? null
            : $"The name of such a file ends in {string.Join(" or ", endings)}.";
    }

    /// <summary>The bytes begin as those of that type do.</summary>
    /// <param name="mediaType">One of <see cref="EvidencePurposes.MediaTypes"/>; of another nothing is known, and nothing agrees.</param>
    public static bool Agrees(ReadOnlySpan<byte> content, string mediaType) => mediaType switch
    {
        "application/pdf" => content.StartsWith("%PDF-"u8),                                    // ISO 32000-2, 7.5.2
        "image/jpeg" => content.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]),            // ITU-T T.81, B.1.1.3: SOI, and a marker
        "image/png" => content.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]),   // ISO/IEC 15948, 5.2
        _ => false,
    };

    /// <summary>As it stands in <see cref="EvidenceFile.Sha256"/>.</summary>
    public static string Hash(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Why a file cannot be added to those that are there: a stable code. Null: it can.</summary>
    /// <param name="held">What the draft has already.</param>
    public static string? RefusesFile(IReadOnlyCollection<EvidenceFile> held, string purpose, long size)
    {
        ArgumentNullException.ThrowIfNull(held);
        if (purpose != EvidencePurposes.Other && held.Any(file => file.Purpose == purpose)) return "evidence_purpose_taken";
        if (held.Count >= MostFiles) return "evidence_too_many_files";
        return held.Sum(file => file.Size) + size > EvidencePurposes.MostBytes ? "evidence_too_large" : null;
    }

    /// <summary>Format characters turn what is shown around: an ending that reads as another.</summary>
    private static bool IsUnfit(char c) => NotInNames.Contains(c, StringComparison.Ordinal) || char.GetUnicodeCategory(c) is UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned;

    private static string[] EndingsOf(string mediaType) => mediaType switch
    {
        "application/pdf" => [".pdf"],
        "image/jpeg" => [".jpg", ".jpeg"],
        _ => [".png"],
    };
}
