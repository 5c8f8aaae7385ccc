using System.Threading.Channels;
using FinanceIntegrations.Sandbox.Square.Ledger;
using FinanceIntegrations.Sandbox.Webhooks;

namespace FinanceIntegrations.Sandbox.Square;

/// <summary>A subscription: where to, signed by which key, about what.</summary>
internal sealed record WebhookTarget
{
    public required string Url { get; init; }
    public required string Secret { get; init; }
    public IReadOnlyList<string>? Types { get; init; }
}

/// <summary>Delivers each new event to every target in the background, in three attempts.</summary>
internal sealed class WebhookTargets : BackgroundService
{
    private static readonly int[] DelaysMilliseconds = [0, 300, 1500];
    private readonly Channel<SquareEvent> _queue = Channel.CreateUnbounded<SquareEvent>();
    private readonly WebhookSender _sender;
    private volatile WebhookTarget[] _targets = [];

    public WebhookTargets(SquarePlatform platform, WebhookSender sender)
    {
        _sender = sender;
        platform.Happened += happened =>
        {
            if (_targets.Length > 0) _queue.Writer.TryWrite(happened);
        };
    }

    public IReadOnlyList<WebhookTarget> All => _targets;

    public void Add(WebhookTarget target) => _targets = [.. _targets, target];

    public void Clear() => _targets = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = stoppingToken };
        // Stopping is the only way out, and no failure.
        await Parallel.ForEachAsync(_queue.Reader.ReadAllAsync(stoppingToken), parallel, DeliverAsync)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async ValueTask DeliverAsync(SquareEvent happened, CancellationToken stop)
    {
        foreach (var target in _targets)
        {
            if (target.Types is { Count: > 0 } types && !types.Contains(happened.Type)) continue;
            for (var attempt = 0; attempt < DelaysMilliseconds.Length; attempt++)
            {
                await Task.Delay(DelaysMilliseconds[attempt], stop);
                var message = SquareWebhooks.Message(happened.Body(), target.Url, target.Secret, happened.Created, attempt);
                if (await _sender.SendAsync(target.Url, message, stop) is >= 200 and < 300) break;
            }
        }
    }
}
