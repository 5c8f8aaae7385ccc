using System.Text;
using CsCheck;
using FinanceIntegrations.Domain.Operations;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

/// <summary>What may be laid into a draft of evidence.</summary>
public sealed class EvidenceRulesTests
{
    private const string Pdf = "application/pdf", Jpeg = "image/jpeg", Png = "image/png";

    private static readonly Dictionary<string, byte[]> Beginnings = new()
    {
        [Pdf] = [.. "%PDF-1.7\n"u8],
        [Jpeg] = [0xFF, 0xD8, 0xFF, 0xE0],
        [Png] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A],
    };

    [Fact]
    public void Bytes_are_taken_for_the_one_type_that_they_begin_as_and_for_no_other() =>
        Gen.Select(Any.Of(Pdf, Jpeg, Png), Any.Of(Pdf, Jpeg, Png), Gen.Byte.Array[0, 100]).Sample((made, said, rest) =>
        {
            byte[] content = [.. Beginnings[made], .. rest];
            Assert.Equal(made == said, EvidenceRules.Agrees(content, said));
            Assert.False(EvidenceRules.Agrees(content.AsSpan(1), made));
            Assert.False(EvidenceRules.Agrees(content, "text/html"));
        });

    [Fact]
    public void A_beginning_that_is_cut_short_is_of_no_type()
    {
        foreach (var (type, beginning) in Beginnings)
            for (var length = 0; length < (type == Pdf ? 5 : type == Jpeg ? 3 : 8); length++)
                Assert.False(EvidenceRules.Agrees(beginning.AsSpan(0, length), type));
    }

    [Theory]
    [InlineData("receipt.pdf", Pdf, true)]
    [InlineData("Rechnung Nr. 7 (Köln).PDF", Pdf, true)]
    [InlineData("photo.jpeg", Jpeg, true)]
    [InlineData("photo.jpg", Jpeg, true)]
    [InlineData("photo.png", Jpeg, false)]
    [InlineData("receipt", Pdf, false)]
    [InlineData("receipt.exe", Pdf, false)]
    [InlineData(".pdf", Pdf, false)]
    [InlineData("../receipt.pdf", Pdf, false)]
    [InlineData("c:\\receipt.pdf", Pdf, false)]
    [InlineData("a\r\nSet-Cookie: x.pdf", Pdf, false)]
    [InlineData("a\0.pdf", Pdf, false)]
    [InlineData("exe.\u202Efdp.pdf", Pdf, false)]
    [InlineData(" receipt.pdf", Pdf, false)]
    [InlineData("", Pdf, false)]
    [InlineData(null, Pdf, false)]
    public void A_name_is_a_name_and_says_what_the_file_is(string? name, string type, bool good) =>
        Assert.Equal(good, EvidenceRules.ProblemOfName(name, type) is null);

    [Fact]
    public void A_name_that_is_taken_is_safe_wherever_it_is_shown() => Gen.String.Sample(text =>
    {
        var name = text + ".pdf";
        if (EvidenceRules.ProblemOfName(name, Pdf) is not null) return;
        Assert.Equal(name, Path.GetFileName(name));
        Assert.DoesNotContain(name, char.IsControl);
        Assert.DoesNotContain('"', name);
        Assert.InRange(Encoding.UTF8.GetByteCount(name), 5, 3 * EvidenceRules.LongestName);
    });

    [Fact]
    public void However_files_are_added_a_draft_never_holds_more_than_may_be_sent() => Gen.Select(
            Any.Of(EvidencePurposes.All.ToArray()), Gen.Long[1, EvidencePurposes.MostBytes + 1]).Array[0, 30].Sample(wishes =>
        {
            List<EvidenceFile> held = [];
            foreach (var (purpose, size) in wishes)
            {
                var refusal = EvidenceRules.RefusesFile(held, purpose, size);
                if (refusal is null) held.Add(new(default, purpose, "a.pdf", Pdf, size, ""));
                else
                    Assert.True(held.Count == EvidenceRules.MostFiles || held.Sum(file => file.Size) + size > EvidencePurposes.MostBytes
                        || held.Exists(file => file.Purpose == purpose), refusal);
            }
            Assert.InRange(held.Sum(file => file.Size), 0, EvidencePurposes.MostBytes);
            Assert.InRange(held.Count, 0, EvidenceRules.MostFiles);
            Assert.All(held.Where(file => file.Purpose != EvidencePurposes.Other).GroupBy(file => file.Purpose), files => Assert.Single(files));
        });
}
