using System.Buffers.Text;
using System.Globalization;
using System.Text;
using FinanceIntegrations.Sandbox.Foundation;

namespace FinanceIntegrations.Sandbox.Square;

/// <summary>Pages' cursors: good for some minutes, and only with the parameters that they were given for.</summary>
internal sealed class SquareCursors(TimeProvider clock)
{
    private long _lifetime = 5 * 60 * 1_000;

    /// <summary>Milliseconds; 0: every cursor has run out when it comes back.</summary>
    public void LastFor(long milliseconds) => Interlocked.Exchange(ref _lifetime, milliseconds);

    public string Make(string parameters, int position) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{clock.GetUtcNow().ToUnixTimeMilliseconds()}:{Chance.Hash(parameters)}:{position}")));

    /// <summary>Where the page begins; null: the cursor is none, or has run out.</summary>
    public int? Read(string cursor, string parameters)
    {
        if (!Base64Url.IsValid(cursor)) return null;
        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split(':');
        return parts is [var at, var hash, var position]
            && long.TryParse(at, CultureInfo.InvariantCulture, out var made) && ulong.TryParse(hash, CultureInfo.InvariantCulture, out var of)
            && int.TryParse(position, CultureInfo.InvariantCulture, out var begin)
            && of == Chance.Hash(parameters) && clock.GetUtcNow().ToUnixTimeMilliseconds() - made < Interlocked.Read(ref _lifetime) ? begin : null;
    }
}
