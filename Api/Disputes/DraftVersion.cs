using System.Globalization;
using FinanceIntegrations.Api.Problems;
using FinanceIntegrations.Data.Disputes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FinanceIntegrations.Api.Disputes;

/// <summary>A draft's version as an entity tag (RFC 9110, 8.8.3 and 13.1.1).</summary>
internal static class DraftVersion
{
    public static ProblemHttpResult Unreadable => Problem.Invalid("If-Match", "If-Match is the ETag of the draft, as it was answered.");

    public static string Tag(EvidenceDraft draft) => string.Create(CultureInfo.InvariantCulture, $"\"{draft.Version}\"");

    /// <param name="expected">Null: whichever it is.</param>
    /// <returns>False: the header is no tag of ours.</returns>
    public static bool TryRead(HttpRequest request, out long? expected)
    {
        expected = null;
        var given = request.Headers.IfMatch.ToString().Trim();
        if (given is "" or "*") return true;
        if (given is not ['"', .. var text, '"'] || !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version)) return false;
        expected = version;
        return true;
    }
}
