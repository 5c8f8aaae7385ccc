using FinanceIntegrations.Grains.Abstractions;

namespace FinanceIntegrations.Api.Attention;

/// <summary>Lets a grain map a stream's parked rows again, part by part: its calls stay short, and others come in between.</summary>
internal static class Remapping
{
    /// <returns>What all parts came to.</returns>
    public static async Task<Reply<RemapView>> RunAsync(
        IIntegrationGrain grain, string stream, string by, string? note, CancellationToken cancel)
    {
        var whole = new RemapView(0, 0, null);
        for (long? after = 0; after is { } from;)
        {
            var reply = await grain.Remap(new() { Stream = stream, After = from, By = by, Note = note }, cancel);
            if (reply.Value is not { } part) return reply;
            whole = new(whole.Mapped + part.Mapped, whole.StillParked + part.StillParked, null);
            after = part.Next;
        }
        return whole;
    }
}
