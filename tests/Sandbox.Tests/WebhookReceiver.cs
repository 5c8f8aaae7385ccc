using System.Collections.Concurrent;
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
    private int _refusals;

    private WebhookReceiver(WebApplication app, int refusals) => (_app, _refusals) = (app, refusals);

    public ConcurrentQueue<(string Body, string Signature)> Received { get; } = new();

    public string Url => _app.Urls.Single() + "/hook";

    public static async Task<WebhookReceiver> StartAsync(int refusals = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new WebhookReceiver(app, refusals);
        app.MapPost("/hook", receiver.TakeAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public async Task<(string Body, string Signature)> NextAsync()
    {
        var waited = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (Received.TryDequeue(out var message)) return message;
            Assert.True(TimeProvider.System.GetElapsedTime(waited) < TimeSpan.FromSeconds(20), "No webhook came within 20 s.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

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
        Received.Enqueue((body, request.Headers["Stripe-Signature"].ToString()));
        return Results.Ok();
    }
}
