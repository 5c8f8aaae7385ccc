using System.Text.Json;
using System.Text.Json.Nodes;
using FinanceIntegrations.Sandbox.Square.Ledger;

namespace FinanceIntegrations.Sandbox.Square;

/// <summary>
/// The write side of disputes: evidence is uploaded, text by text and file by file, each once by its idempotency key, listed, removed, and submitted
/// as a whole; or the dispute is accepted.
/// </summary>
internal sealed class SquareDisputeAnswers(SquareAuthentication authentication, SquareCursors cursors, SquarePlatform platform)
{
    private const int LongestText = 500, LongestKey = 45, LongestName = 40, PageSize = 100;

    private static readonly HashSet<string> OfEvidence = ["cursor"];

    private static readonly HashSet<string> Types =
    [
        "GENERIC_EVIDENCE", "ONLINE_OR_APP_ACCESS_LOG", "AUTHORIZATION_DOCUMENTATION", "CANCELLATION_OR_REFUND_DOCUMENTATION", "CARDHOLDER_COMMUNICATION",
        "CARDHOLDER_INFORMATION", "PURCHASE_ACKNOWLEDGEMENT", "DUPLICATE_CHARGE_DOCUMENTATION", "PRODUCT_OR_SERVICE_DESCRIPTION", "RECEIPT",
        "SERVICE_RECEIVED_DOCUMENTATION", "PROOF_OF_DELIVERY_DOCUMENTATION", "RELATED_TRANSACTION_DOCUMENTATION", "REBUTTAL_EXPLANATION", "TRACKING_NUMBER",
    ];

    /// <summary>Of these Square takes files only.</summary>
    private static readonly HashSet<string> FilesOnly = ["AUTHORIZATION_DOCUMENTATION", "CARDHOLDER_COMMUNICATION", "DUPLICATE_CHARGE_DOCUMENTATION"];

    private static readonly HashSet<string> FileTypes = ["application/pdf", "image/heic", "image/heif", "image/jpeg", "image/png", "image/tiff"];

    public void Map(IEndpointRouteBuilder square)
    {
        var dispute = square.MapGroup("/v2/disputes/{id}");
        dispute.MapGet("/evidence", ListAsync);
        dispute.MapGet("/evidence/{evidence}", OneAsync);
        dispute.MapDelete("/evidence/{evidence}", (HttpContext http, string id, string evidence) => ChangeAsync(http, id, new("delete", evidence)));
        dispute.MapPost("/evidence-text", TextAsync);
        dispute.MapPost("/evidence-files", FileAsync);
        dispute.MapPost("/submit-evidence", (HttpContext http, string id) => ChangeAsync(http, id, new("submit")));
        dispute.MapPost("/accept", (HttpContext http, string id) => ChangeAsync(http, id, new("accept")));
    }

    private async Task ChangeAsync(HttpContext http, string id, DisputeAnswer action)
    {
        SquareError? error;
        if (authentication.Identify(http, "DISPUTES_WRITE", out error) is not { } caller)
        {
            await error!.WriteAsync(http);
            return;
        }
        var outcome = platform.Answer(caller.Seller, id, action);
        await (outcome.Error?.WriteAsync(http) ?? http.Response.WriteAsJsonAsync(action.Action switch
        {
            "upload" => new JsonObject { ["evidence"] = outcome.Piece!.Json() },
            "delete" => [],
            _ => new JsonObject { ["dispute"] = outcome.Dispute!.Json() },
        }));
    }

    private async Task TextAsync(HttpContext http, string id)
    {
        using var body = new StreamReader(http.Request.Body);
        var (request, error) = Read(await body.ReadToEndAsync(http.RequestAborted));
        var (type, text) = ((string?)request?["evidence_type"] ?? "GENERIC_EVIDENCE", (string?)request?["evidence_text"]);
        error ??= text is not { Length: > 0 and <= LongestText } ? SquareError.Bad("VALUE_TOO_LONG", $"`evidence_text` has 1 to {LongestText} characters.", "evidence_text")
            : FilesOnly.Contains(type) ? SquareError.Bad("INVALID_VALUE", $"`{type}` is uploaded as a file.", "evidence_type")
            : null;
        await (error?.WriteAsync(http) ?? ChangeAsync(http, id, new("upload", (string)request!["idempotency_key"]!, type, text)));
    }

    private async Task FileAsync(HttpContext http, string id)
    {
        var form = http.Request.HasFormContentType ? await http.Request.ReadFormAsync(http.RequestAborted) : null;
        var (request, error) = Read(form?["request"]);
        var (type, contentType) = ((string?)request?["evidence_type"] ?? "GENERIC_EVIDENCE", (string?)request?["content_type"]);
        var file = form?.Files["image_file"];
        error ??= file is not { Length: > 0 } ? SquareError.Bad("MISSING_REQUIRED_PARAMETER", "`image_file` is missing.", "image_file")
            : file.FileName.Length is 0 or > LongestName ? SquareError.Bad("VALUE_TOO_LONG", $"A file's name has 1 to {LongestName} characters.", "image_file")
            : !FileTypes.Contains(contentType ?? file.ContentType) ? SquareError.Bad("UNSUPPORTED_MEDIA_TYPE", "Files are HEIC, HEIF, JPEG, PDF, PNG or TIFF.", "content_type")
            : type == "TRACKING_NUMBER" ? SquareError.Bad("INVALID_VALUE", "A tracking number is uploaded as a text.", "evidence_type")
            : null;
        await (error?.WriteAsync(http)
            ?? ChangeAsync(http, id, new("upload", (string)request!["idempotency_key"]!, type, null, file!.FileName, contentType ?? file.ContentType)));
    }

    private async Task ListAsync(HttpContext http, string id)
    {
        if (authentication.Identify(http, "DISPUTES_READ", out var error) is not { } caller || ListParameters.Read(http.Request.Query, OfEvidence, out error) is not { } parameters)
        {
            await error!.WriteAsync(http);
            return;
        }
        var answer = new JsonObject();
        lock (caller.Seller.Books.Gate)
        {
            var identity = $"{caller.Seller.Id} {http.Request.Path}";
            var begin = parameters.Cursor is null ? 0 : cursors.Read(parameters.Cursor, identity);
            var dispute = caller.Seller.Books.Disputes.Find(one => one.Id == id);
            error = dispute is null ? SquareError.NotFound("Dispute") : begin is null ? SquareError.InvalidCursor : null;
            if (error is null)
            {
                answer["evidence"] = new JsonArray([.. dispute!.Evidence.Skip(begin!.Value).Take(PageSize).Select(piece => (JsonNode)piece.Json())]);
                if (dispute.Evidence.Count > begin + PageSize) answer["cursor"] = cursors.Make(identity, begin.Value + PageSize);
            }
        }
        await (error?.WriteAsync(http) ?? http.Response.WriteAsJsonAsync(answer));
    }

    private async Task OneAsync(HttpContext http, string id, string evidence)
    {
        JsonObject? found = null;
        if (authentication.Identify(http, "DISPUTES_READ", out var error) is { } caller)
        {
            lock (caller.Seller.Books.Gate)
                found = caller.Seller.Books.Disputes.Find(one => one.Id == id)?.Evidence.Find(one => one.Id == evidence)?.Json();
            error = found is null ? SquareError.NotFound("Evidence") : null;
        }
        await (error?.WriteAsync(http) ?? http.Response.WriteAsJsonAsync(new JsonObject { ["evidence"] = found }));
    }

    private static (JsonObject? Request, SquareError? Error) Read(string? text)
    {
        JsonObject? request = null;
        try
        {
            request = JsonNode.Parse(text ?? "") as JsonObject;
        }
        catch (JsonException)
        {
            // Answered below, like one that is not there.
        }
        return (request, request is null ? SquareError.Bad("BAD_REQUEST", "The body is no JSON object.", "request")
            : (string?)request["idempotency_key"] is not { Length: > 0 and <= LongestKey } ? SquareError.Bad("MISSING_REQUIRED_PARAMETER", "`idempotency_key` is missing.", "idempotency_key")
            : (string?)request["evidence_type"] is { } type && !Types.Contains(type) ? SquareError.Bad("INVALID_ENUM_VALUE", $"`{type}` is no evidence type.", "evidence_type")
            : null);
    }
}
