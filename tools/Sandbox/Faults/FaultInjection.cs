using System.Globalization;
using System.Text;
using FinanceIntegrations.Sandbox.Requests;
using Microsoft.AspNetCore.Http.Features;

namespace FinanceIntegrations.Sandbox.Faults;

/// <summary>Lets the faults of <see cref="FaultList"/> happen to requests on provider routes.</summary>
internal sealed class FaultInjection(RequestDelegate next, FaultList faults, TimeProvider clock)
{
    private static readonly byte[] Garbage = "{\"object\":\"list\",\"data\":[{\"id\":<<<\u0000 upstream error >>>"u8.ToArray();

    public Task InvokeAsync(HttpContext http)
    {
        var request = http.Features.GetRequiredFeature<LoggedRequest>();
        if (faults.Strike(request.Provider, request.Method, request.Path, request.Query) is not { } fault) return next(http);
        request.Fault = $"{FaultControl.NameOf(fault.Kind)}#{fault.Id}";
        return fault.Kind switch
        {
            FaultKind.Status or FaultKind.RateLimited => FailAsync(http, fault),
            FaultKind.Latency => DelayAsync(http, fault),
            FaultKind.Hold => HoldAsync(http, fault),
            FaultKind.Hang => HangAsync(http, fault),
            FaultKind.Cut or FaultKind.Truncated => HalfAsync(http, fault),
            FaultKind.Lost => LoseAsync(http, fault),
            FaultKind.Midway => MidwayAsync(http, fault),
            FaultKind.Malformed => AnswerAsync(http, fault.Body is null ? Garbage : Encoding.UTF8.GetBytes(fault.Body)),
            FaultKind.Empty => AnswerAsync(http, []),
            FaultKind.ClockSkew => SkewAsync(http, fault),
            FaultKind.EmptyList or FaultKind.Totals or FaultKind.OddRows or FaultKind.Amounts => DistortAsync(http, fault),
            _ => next(http),
        };
    }

    private static Task FailAsync(HttpContext http, Fault fault)
    {
        var status = fault.Status ?? (fault.Kind == FaultKind.RateLimited ? 429 : 500);
        if (fault.Body is null) return http.Features.GetRequiredFeature<ISandboxProvider>().WriteErrorAsync(http, status, fault.RetryAfter);
        http.Response.StatusCode = status;
        if (fault.RetryAfter is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return AnswerAsync(http, Encoding.UTF8.GetBytes(fault.Body));
    }

    private async Task DelayAsync(HttpContext http, Fault fault)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(fault.Milliseconds ?? 1000), http.RequestAborted);
        await next(http);
    }

    private async Task HoldAsync(HttpContext http, Fault fault)
    {
        await faults.RemovalOf(fault.Id).WaitAsync(http.RequestAborted);
        await next(http);
    }

    private static async Task HangAsync(HttpContext http, Fault fault)
    {
        var silence = fault.Milliseconds is { } limit ? TimeSpan.FromMilliseconds(limit) : Timeout.InfiniteTimeSpan;
        await Task.Delay(silence, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        http.Features.Set(new Unanswered());
        http.Abort();
    }

    /// <summary>The request takes its full effect; nothing of the answer arrives.</summary>
    private async Task LoseAsync(HttpContext http, Fault fault)
    {
        using var answer = await TakeAsync(http);
        await HangAsync(http, fault);
    }

    /// <summary>The provider reads it where it executes the call.</summary>
    private Task MidwayAsync(HttpContext http, Fault fault)
    {
        http.Features.Set(new Midway(TimeSpan.FromMilliseconds(fault.Milliseconds ?? 0), fault.Status));
        return next(http);
    }

    private async Task DistortAsync(HttpContext http, Fault fault)
    {
        using var whole = await TakeAsync(http);
        var body = http.Response.StatusCode == 200
            ? http.Features.GetRequiredFeature<ISandboxProvider>().Distort(fault.Kind, whole.ToArray())
            : whole.ToArray();
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body);
    }

    /// <summary>The request takes its full effect; only half of the answer arrives.</summary>
    private async Task HalfAsync(HttpContext http, Fault fault)
    {
        using var whole = await TakeAsync(http);
        var half = (int)(whole.Length / 2);
        http.Response.ContentLength = fault.Kind == FaultKind.Cut ? whole.Length : half;
        await http.Response.Body.WriteAsync(whole.GetBuffer().AsMemory(0, half));
        await http.Response.Body.FlushAsync();
        if (fault.Kind == FaultKind.Cut) http.Abort();
    }

    /// <summary>The answer as it would be, not sent yet.</summary>
    private async Task<MemoryStream> TakeAsync(HttpContext http)
    {
        var whole = new MemoryStream();
        var real = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(whole));
        try
        {
            await next(http);
            await http.Response.BodyWriter.FlushAsync();
        }
        finally
        {
            http.Features.Set(real);
        }
        return whole;
    }

    private static async Task AnswerAsync(HttpContext http, byte[] body)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body);
    }

    private Task SkewAsync(HttpContext http, Fault fault)
    {
        var shifted = clock.GetUtcNow().AddMilliseconds(fault.Milliseconds ?? 3_600_000);
        http.Response.Headers.Date = shifted.ToString("r", CultureInfo.InvariantCulture);
        return next(http);
    }
}
