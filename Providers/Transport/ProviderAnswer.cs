using System.Globalization;
using System.Net.Http.Headers;

namespace FinanceIntegrations.Providers.Transport;

/// <summary>A provider's whole answer: status, headers, every byte of the body.</summary>
internal sealed class ProviderAnswer(int status, HttpResponseHeaders headers, byte[] body, DateTimeOffset receivedAt, TimeSpan elapsed)
{
    public int Status => status;

    /// <summary>Belongs to whoever reads it: rows are slices of it.</summary>
    public ReadOnlyMemory<byte> Body => body;

    public bool Succeeded => status is >= 200 and < 300;

    /// <summary>The provider's clock at the answer, to the second; ours where it does not say.</summary>
    public DateTimeOffset Date => headers.Date ?? receivedAt;

    /// <summary>
    /// The last second of the provider's clock of which this answer surely shows the state: <see cref="Date"/> less the time of the call.
    /// A change that happens while the answer is on its way is newer than the answer.
    /// </summary>
    public DateTimeOffset AsOf => DateTimeOffset.FromUnixTimeSeconds((Date - elapsed).ToUnixTimeSeconds());

    /// <summary>How long the provider asks us to wait, in either form of RFC 9110 §10.2.3.</summary>
    public TimeSpan? RetryAfter => headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date > Date ? date - Date : TimeSpan.Zero,
        _ => null,
    };

    public string? Header(string name) => headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    /// <summary>For telemetry: nothing of the content.</summary>
    public override string ToString() => status.ToString(CultureInfo.InvariantCulture);
}
