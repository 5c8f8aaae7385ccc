using FinanceIntegrations.Sandbox.Faults;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>The write side of <c>/v1</c>: what it may change is in <see cref="WriteRules"/>; here is how a call is taken, once.</summary>
internal sealed class StripeWriteApi(StripePlatform platform, StripeAuthentication authentication, TimeProvider clock)
{
    private const int LongestKey = 255;

    public void Map(IEndpointRouteBuilder stripe)
    {
        foreach (var route in WriteRules.Routes) stripe.MapPost("/v1" + route, AnswerAsync);
    }

    private async Task AnswerAsync(HttpContext http)
    {
        if (authentication.Identify(http, out var error) is not { } account)
        {
            await error!.WriteAsync(http);
            return;
        }
        if (account.GrantedScope == "read_only") error = StripeError.OfStatus(403);
        var uploads = http.Request.Path.Value!.EndsWith(WriteRules.FilesRoute, StringComparison.Ordinal);
        var asForm = http.Request.ContentType?.StartsWith(uploads ? "multipart/form-data" : "application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);
        if (asForm is false || (uploads && asForm is null))
            error = new(400, $"Invalid request (check that your POST content type is {(uploads ? "multipart/form-data" : "application/x-www-form-urlencoded")}).");
        string? key = http.Request.Headers["Idempotency-Key"] is { Count: > 0 } given ? given.ToString() : null;
        if (key?.Length > LongestKey) error = StripeError.TooLong("Idempotency-Key", LongestKey, key.Length);
        if (error is not null)
        {
            await error.WriteAsync(http);
            return;
        }
        var form = http.Request.HasFormContentType ? await http.Request.ReadFormAsync() : FormCollection.Empty;
        if (form.ContainsKey("file"))
        {
            await StripeError.Invalid("Invalid file: it must be given as a file.", "file").WriteAsync(http);
            return;
        }
        List<KeyValuePair<string, string>> files = [];
        foreach (var file in form.Files) files.Add(new(file.Name, WriteForm.Packed(file.FileName, await BytesAsync(file))));
        var midway = http.Features.Get<Midway>();
        await CallAsync(http, account, midway, new(
            http.Request.Path.Value!["/stripe".Length..],
            [.. form.SelectMany(field => field.Value.Select(value => KeyValuePair.Create(field.Key, value ?? ""))), .. files],
            StripeAnswer.NewRequestId(), key, midway?.Status));
    }

    private static async Task<byte[]> BytesAsync(IFormFile file)
    {
        var content = new byte[file.Length];
        await using var stream = file.OpenReadStream();
        await stream.ReadExactlyAsync(content);
        return content;
    }

    private async Task CallAsync(HttpContext http, StripeAccount account, Midway? midway, WriteCall call)
    {
        var (kept, refused) = call.Key is { } key ? account.Answers.Claim(key, call.Fingerprint, clock.GetUtcNow().ToUnixTimeSeconds()) : default;
        if (kept is null && refused is null && WriteRules.Read(call.Path, call.Form).Refused is { } invalid)
        {
            if (call.Key is { } unused) account.Answers.Release(unused);
            refused = invalid;
        }
        if (refused is not null)
        {
            await refused.WriteAsync(http);
            return;
        }
        // Once begun, it goes on though the caller may have left.
        if (kept is null && midway is not null) await Task.Delay(midway.Wait, CancellationToken.None);
        var answer = kept ?? platform.Write(account, call);
        var headers = http.Response.Headers;
        if (call.Key is not null) headers["Idempotency-Key"] = call.Key;
        if (call.Key is not null) headers["Original-Request"] = answer.RequestId;
        if (kept is not null) headers["Idempotent-Replayed"] = "true";
        http.Response.StatusCode = answer.Status;
        StripeAnswer.Begin(http, answer.Body.Length, call.RequestId);
        await http.Response.BodyWriter.WriteAsync(answer.Body);
    }
}
