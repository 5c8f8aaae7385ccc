using System.Threading.Channels;
using FinanceIntegrations.Sandbox.Stripe.Ledger;
using FinanceIntegrations.Sandbox.Webhooks;

namespace FinanceIntegrations.Sandbox.Stripe;

/// <summary>An endpoint that is told of what happens.</summary>
internal sealed record WebhookTarget
{
    public required string Url { get; init; }
    public required string Secret { get; init; }
    public IReadOnlyList<string>? Types { get; init; }
}

/// <summary>Delivers each new event to every target in the background; a test-mode endpoint gets three attempts.</summary>
internal sealed class WebhookTargets : BackgroundService
{
    private static readonly int[] DelaysMilliseconds = [0, 300, 1500];
    private readonly Channel<(StripeAccount Account, StripeEvent Event)> _queue = Channel.CreateUnbounded<(StripeAccount, StripeEvent)>();
    private readonly StripeWebhooks _webhooks;
    private readonly WebhookSender _sender;
    private volatile WebhookTarget[] _targets = [];

    public WebhookTargets(StripePlatform platform, StripeWebhooks webhooks, WebhookSender sender)
    {
        (_webhooks, _sender) = (webhooks, sender);
        platform.Happened += (account, happened) =>
        {
            if (_targets.Length > 0) _queue.Writer.TryWrite((account, happened));
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

    private async ValueTask DeliverAsync((StripeAccount Account, StripeEvent Event) item, CancellationToken stop)
    {
        foreach (var target in _targets)
        {
            if (target.Types is { Count: > 0 } types && !types.Contains(item.Event.Type)) continue;
            if (!await DeliverAsync(target, item.Account, item.Event, stop)) item.Event.Delivered = false;
        }
    }

    private async Task<bool> DeliverAsync(WebhookTarget target, StripeAccount account, StripeEvent happened, CancellationToken stop)
    {
        var message = _webhooks.Message(happened, account.Id, [target.Secret]);
        foreach (var delay in DelaysMilliseconds)
        {
            await Task.Delay(delay, stop);
            if (await _sender.SendAsync(target.Url, message, stop) is >= 200 and < 300) return true;
        }
        return false;
    }
}
