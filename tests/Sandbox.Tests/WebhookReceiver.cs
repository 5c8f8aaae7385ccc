using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace FinanceIntegrations.Sandbox.Tests;

/// <summary>An endpoint that keeps what it is sent, and refuses the first few if told to.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<(string Body, string Signature)> _received = Channel.CreateUnbounded<(string Body, string Signature)>();
    private Dictionary<string, string> _last = [];
    private readonly string[] _headers;
    private int _refusals;

    private WebhookReceiver(WebApplication app, int refusals, string[] headers) => (_app, _refusals, _headers) = (app, refusals, headers);

    public string Url => _app.Urls.Single() + "/hook";

    /// <param name="refusals">How many it answers 503 at first.</param>
    /// <param name="header">The one that is kept as the signature.</param>
    /// <param name="also">Further ones, each on a line of its own behind it.</param>
    public static async Task<WebhookReceiver> StartAsync(int refusals = 0, string header = "Stripe-Signature", params string[] also)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new WebhookReceiver(app, refusals, [header, .. also]);
        app.MapPost("/hook", receiver.TakeAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <exception cref="TimeoutException">No webhook came within 20 s.</exception>
    public async Task<(string Body, string Signature)> NextAsync() =>
        await _received.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask()
            .WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>What has come so far and was not read.</summary>
    public IReadOnlyList<(string Body, string Signature)> Arrived()
    {
        var arrived = new List<(string Body, string Signature)>();
        while (_received.Reader.TryRead(out var message)) arrived.Add(message);
        return arrived;
    }

    /// <summary>A header of the webhook that came last; empty where it had none.</summary>
    public string LastHeader(string name) => _last.GetValueOrDefault(name, "");

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }

    private async Task<IResult> TakeAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (Interlocked.Decrement(ref _refusals) >= 0) return Results.StatusCode(503);
        _last = request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        _received.Writer.TryWrite((body, string.Join('\n', _headers.Select(name => request.Headers[name].ToString()))));
        return Results.Ok();
    }
}
