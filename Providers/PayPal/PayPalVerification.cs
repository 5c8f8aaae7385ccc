using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using FinanceIntegrations.Domain.Webhooks;

namespace FinanceIntegrations.Providers.PayPal;

/// <summary>PayPal's own word on a signature, for deployments that prefer it to the certificate (paypal.md §7).</summary>
internal sealed class PayPalVerification(PayPalApi api, PayPalAuth auth, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(120);

    private readonly SemaphoreSlim _one = new(1);
    private (string Token, DateTimeOffset Until)? _token;

    /// <summary>One call for each webhook id.</summary>
    public async Task<WebhookVerdict> DecideAsync(
        ReadOnlyMemory<byte> body, PayPalSignature signature, ReadOnlyMemory<WebhookSecret> secrets, CancellationToken cancel)
    {
        if (!IsOneValue(body.Span)) return WebhookVerdict.Forged;   // else it could close our object and name another webhook
        foreach (var id in secrets.ToArray())
        {
            if (id.Key.IsEmpty) continue;
            if (await TokenAsync(cancel) is not { } token) return WebhookVerdict.Undecided;
            var answer = await api.VerifyWebhookAsync(token, Question(body.Span, signature, Encoding.UTF8.GetString(id.Key.Span)), cancel);
            if (answer.Error is { Class: Domain.Providers.ErrorClass.Authentication }) _token = null;
            if (!answer.Ok) return WebhookVerdict.Undecided;
            if (PayPalList.TextOf(answer.Value.Body.Span, "verification_status"u8) == "SUCCESS") return WebhookVerdict.Authentic;
        }
        return WebhookVerdict.Forged;
    }

    public void Dispose() => _one.Dispose();

    /// <summary>The body stands in it byte for byte: written anew, 1.0 would be 1, and the signature wrong.</summary>
    internal static byte[] Question(ReadOnlySpan<byte> body, PayPalSignature signature, string webhookId)
    {
        var buffer = new ArrayBufferWriter<byte>(body.Length + 1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("auth_algo", PayPalSignature.Algorithm);
            json.WriteString("cert_url", signature.CertificateUrl.OriginalString);
            json.WriteString("transmission_id", signature.TransmissionId);
            json.WriteString("transmission_sig", signature.Text);
            json.WriteString("transmission_time", signature.TransmissionTime);
            json.WriteString("webhook_id", webhookId);
            json.WritePropertyName("webhook_event");
            json.WriteRawValue(body, skipInputValidation: true);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>One object and nothing around it: PayPal would not see what stands outside of a value.</summary>
    private static bool IsOneValue(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty || body[0] != (byte)'{' || body[^1] != (byte)'}' || !Utf8.IsValid(body)) return false;
        try
        {
            var reader = new Utf8JsonReader(body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private async Task<string?> TokenAsync(CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            if (_token is { } held && clock.GetUtcNow() < held.Until) return held.Token;
            var grant = await auth.IssueAsync(null, cancel);
            if (!grant.Ok) return null;
            _token = (grant.Value.AccessToken, clock.GetUtcNow() + grant.Value.ExpiresIn!.Value - Early);
            return grant.Value.AccessToken;
        }
        finally
        {
            _one.Release();
        }
    }
}
