using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FinanceIntegrations.Sandbox.PayPal.Ledger;

namespace FinanceIntegrations.Sandbox.PayPal;

/// <summary>
/// What a seller does about a dispute (Disputes 1.10): evidence, as a form whose part <c>input</c> says what its files are, while PayPal waits for
/// the seller; and giving it up, while it is undecided. The same <c>PayPal-Request-Id</c> is answered as before.
/// </summary>
internal sealed partial class PayPalDisputeAnswers(PayPalGate gate, PayPalPlatform platform)
{
    private const int LongestNotes = 2000;

    private static readonly HashSet<string> Types =
    [
        "PROOF_OF_FULFILLMENT", "PROOF_OF_REFUND", "PROOF_OF_RECEIPT_COPY", "RETURN_POLICY", "ITEM_DESCRIPTION", "ADDITIONAL_PROOF_OF_SHIPMENT",
        "PROOF_OF_RETURN", "MERCHANT_RESPONSE", "OTHER",
    ];

    private readonly ConcurrentDictionary<(string Merchant, string Key), string> _done = [];

    public void Map(IEndpointRouteBuilder paypal)
    {
        paypal.MapPost("/v1/customer/disputes/{id}/provide-evidence", (HttpContext http, string id) => AnswerAsync(http, id, EvidenceInAsync));
        paypal.MapPost("/v1/customer/disputes/{id}/accept-claim", (HttpContext http, string id) => AnswerAsync(http, id, AcceptanceInAsync));
    }

    private async Task AnswerAsync(HttpContext http, string id, Func<HttpRequest, Task<(JsonArray? Evidence, string? Problem)>> read)
    {
        if (await gate.AdmitAsync(http) is not { } merchant) return;
        var key = (merchant.Id, (string?)http.Request.Headers["PayPal-Request-Id"] ?? "");
        if (key.Item2.Length > 0 && _done.TryGetValue(key, out var before) && before == id)
        {
            await DoneAsync(http, id);
            return;
        }
        PayPalDispute? dispute;
        lock (merchant.Books.Gate) dispute = merchant.Books.Disputes.Find(one => one.Id == id);
        if (dispute is null)
        {
            await PayPalErrors.WriteAsync(http, 404, "RESOURCE_NOT_FOUND", "The specified resource does not exist.", "/dispute_id", "INVALID_DISPUTE_ID", "path");
            return;
        }
        var (evidence, problem) = await read(http.Request);
        if (problem is not null)
        {
            await PayPalErrors.WriteAsync(http, 400, "INVALID_REQUEST", "Request is not well-formed, syntactically incorrect, or violates schema.", "/", problem, "body");
            return;
        }
        if (!platform.Answer(merchant, dispute, evidence))
        {
            await PayPalErrors.WriteAsync(http, 422, "UNPROCESSABLE_ENTITY", "The requested action could not be performed, semantically incorrect, or failed business validation.",
                "/", "ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE", "body");
            return;
        }
        if (key.Item2.Length > 0) _done[key] = id;
        await DoneAsync(http, id);
    }

    private static Task DoneAsync(HttpContext http, string id) => http.Response.WriteAsJsonAsync(
        new JsonObject { ["links"] = new JsonArray(PayPalLinks.Of($"{PayPalProvider.ApiHost}/v1/customer/disputes/{id}", "self")) }, http.RequestAborted);

    private static async Task<(JsonArray? Evidence, string? Problem)> EvidenceInAsync(HttpRequest request)
    {
        if (!request.HasFormContentType) return (null, "MISSING_REQUIRED_PARAMETER");
        var form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
        if (Parse(form["input"]) is not { } input || input["evidences"] is not JsonArray { Count: > 0 } pieces) return (null, "MISSING_REQUIRED_PARAMETER");
        var files = form.Files.Select(file => file.FileName).ToHashSet();
        var named = new HashSet<string>();
        foreach (var piece in pieces)
        {
            if (piece is not JsonObject { } whole || !Types.Contains((string?)whole["evidence_type"] ?? "") || ((string?)whole["notes"])?.Length is 0 or > LongestNotes)
                return (null, "INVALID_PARAMETER_VALUE");
            if ((string?)whole["evidence_type"] == "PROOF_OF_FULFILLMENT" && whole["evidence_info"]?["tracking_info"] is not JsonArray { Count: > 0 })
                return (null, "MISSING_REQUIRED_PARAMETER");
            foreach (var document in whole["documents"] as JsonArray ?? [])
                if ((string?)document?["name"] is not { } name || !NameForm().IsMatch(name) || !files.Contains(name) || !named.Add(name))
                    return (null, "INVALID_FILE_NAME");
        }
        return named.SetEquals(files) ? (pieces, null) : (null, "INVALID_FILE_NAME");
    }

    private static async Task<(JsonArray? Evidence, string? Problem)> AcceptanceInAsync(HttpRequest request)
    {
        using var whole = new StreamReader(request.Body);
        var input = Parse(await whole.ReadToEndAsync(request.HttpContext.RequestAborted));
        return (null, (string?)input?["note"] is not { Length: > 0 and <= LongestNotes } ? "MISSING_REQUIRED_PARAMETER"
            : (string?)input["accept_claim_type"] is not (null or "REFUND") ? "INVALID_PARAMETER_VALUE"
            : null);
    }

    private static JsonObject? Parse(string? text)
    {
        try
        {
            return JsonNode.Parse(text ?? "") as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Of a document.</summary>
    [GeneratedRegex("^[A-Za-z0-9-_,\\s]+[.]{1}[A-Za-z]+$")]
    private static partial Regex NameForm();
}
