using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using FinanceIntegrations.Sandbox.Stripe.Ledger;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>Writes a page by copying the rows' bytes, straight into the response.</summary>
internal static class ListAnswer
{
    public static async Task WriteAsync(HttpContext http, string path, Page page)
    {
        var tail = Encoding.UTF8.GetBytes($"],\"has_more\":{(page.HasMore ? "true" : "false")},\"url\":\"{path}\"}}");
        var length = Head.Length + tail.Length + Math.Max(0, page.Rows.Length - 1);
        foreach (var row in page.Rows) length += row.Length;
        StripeAnswer.Begin(http, length);
        Write(http.Response.BodyWriter, page.Rows, tail);
        await http.Response.BodyWriter.FlushAsync();
    }

    private static ReadOnlySpan<byte> Head => "{\"object\":\"list\",\"data\":["u8;

    private static void Write(PipeWriter body, byte[][] rows, byte[] tail)
    {
        body.Write(Head);
        for (var i = 0; i < rows.Length; i++)
        {
            if (i > 0) body.Write(","u8);
            body.Write(rows[i]);
        }
        body.Write(tail);
    }
}
