using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace FinanceIntegrations.Benchmarks;

/// <summary>
/// One keep-alive HTTP/1.1 connection that sends ready-made requests: an HTTP client's own work would take a good part of the cores that the
/// measured processes run on. Understands answers with a Content-Length only, which is what the webhook front end gives.
/// </summary>
internal sealed class LoadConnection : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _answer = new byte[16_384];

    private LoadConnection()
    {
    }

    public static async Task<LoadConnection> OpenAsync(Uri address)
    {
        var connection = new LoadConnection();
        await connection._socket.ConnectAsync(address.Host, address.Port);
        return connection;
    }

    /// <summary>A signed event as the bytes of its request.</summary>
    public static byte[] Request(Uri address, SignedEvent one) =>
    [
        .. Encoding.ASCII.GetBytes(
            $"POST {address.PathAndQuery} HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\n"
            + $"Stripe-Signature: {one.Signature}\r\nContent-Length: {one.Body.Length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n"),
        .. one.Body,
    ];

    /// <summary>Sends a request and reads its answer to the end.</summary>
    /// <returns>The answer's status.</returns>
    public async ValueTask<int> SendAsync(ReadOnlyMemory<byte> request)
    {
        while (request.Length > 0) request = request[await _socket.SendAsync(request)..];
        var read = 0;
        while (true)
        {
            var more = await _socket.ReceiveAsync(_answer.AsMemory(read));
            if (more == 0) throw new IOException("The connection was closed within an answer.");
            read += more;
            if (StatusOfWhole(_answer.AsSpan(0, read)) is { } status) return status;
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Null: the answer has not come whole.</summary>
    private static int? StatusOfWhole(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0) return null;
        var head = Encoding.ASCII.GetString(answer[..end]);
        const string name = "\r\nContent-Length:";
        var at = head.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        if (at < 0) throw new IOException($"An answer without a length: {head}");
        var length = head.AsSpan(at + name.Length);
        var line = length.IndexOf('\r');
        var body = int.Parse((line < 0 ? length : length[..line]).Trim(), CultureInfo.InvariantCulture);
        return answer.Length >= end + 4 + body ? int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture) : null;
    }
}
