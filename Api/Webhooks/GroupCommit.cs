using System.Threading.Channels;
using FinanceIntegrations.Data;
using FinanceIntegrations.Data.Webhooks;
using FinanceIntegrations.Grains.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace FinanceIntegrations.Api.Webhooks;

/// <summary>What became of an event handed in.</summary>
internal enum Stored
{
    /// <summary>Durable, or it was already.</summary>
    Yes,

    /// <summary>The database takes nothing now: the provider sends again.</summary>
    Unavailable,

    /// <summary>The database can never hold it.</summary>
    Unstorable,
}

/// <summary>Many requests share one insert and one commit: whoever waits while an insert is under way travels together in the next.</summary>
internal sealed partial class GroupCommit(
    InboxStore store, IGrainFactory grains, IOptions<WebhookOptions> options, TimeProvider clock, ILogger<GroupCommit> log) : BackgroundService
{
    private readonly Channel<Waiting> _waiting = Channel.CreateBounded<Waiting>(
        new BoundedChannelOptions(options.Value.MaxWaiting) { AllowSynchronousContinuations = false });

    private long _bytes;

    /// <summary>Completes when the event is durable, or is known not to be.</summary>
    public Task<Stored> StoreAsync(InboxEvent received)
    {
        var waiting = new Waiting(received);
        if (Interlocked.Add(ref _bytes, waiting.Bytes) <= options.Value.MaxWaitingBytes && _waiting.Writer.TryWrite(waiting)) return waiting.Result;
        Interlocked.Add(ref _bytes, -waiting.Bytes);
        return Task.FromResult(Stored.Unavailable);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var end = stoppingToken.Register(() => _waiting.Writer.TryComplete());   // what was taken in is still written
        await Task.WhenAll(Enumerable.Range(0, options.Value.Writers).Select(_ => Task.Run(WriteAsync, CancellationToken.None)));
    }

    private async Task WriteAsync()
    {
        var batch = new List<Waiting>(options.Value.MaxBatch);
        var last = 0;
        while (await _waiting.Reader.WaitToReadAsync())
        {
            // A small insert costs PostgreSQL almost what a large one costs: while few come at a time, some milliseconds' patience saves most of
            // them. While many come, the next batch gathers during the insert under way, and to wait would leave the database idle.
            var few = last > 1 && Math.Max(last, _waiting.Reader.Count) < options.Value.Gathered;
            if (few) await Task.Delay(options.Value.Gather, clock);
            while (batch.Count < options.Value.MaxBatch && _waiting.Reader.TryRead(out var next)) batch.Add(next);
            last = batch.Count;
            if (batch.Count > 0) await StoreBatchAsync(batch);
            batch.Clear();
        }
    }

    private async Task StoreBatchAsync(List<Waiting> batch)
    {
        try
        {
            InboxEvent[] events = [.. batch.Select(w => w.Event)];
            // What a lost connection may have stored, the second try leaves alone; then nobody is hinted, and the sweep is.
            var integrations = await DatabaseFaults.OnceMoreAsync(() => store.StoreAsync(events, clock.GetUtcNow(), CancellationToken.None));
            foreach (var waiting in batch) End(waiting, Stored.Yes);
            foreach (var integration in integrations) _ = Hint(integration);
        }
        catch (PostgresException refused) when (refused.SqlState.StartsWith("22", StringComparison.Ordinal))
        {
            // One event's text does not fit a column (U+0000, say). Halved again and again, it ends alone, and the others still share their commits.
            if (batch.Count == 1)
            {
                End(batch[0], Stored.Unstorable);
                return;
            }
            var half = batch.Count / 2;
            await StoreBatchAsync(batch[..half]);
            await StoreBatchAsync(batch[half..]);
        }
        catch (Exception failure)
        {
            LogStoreFailed(failure, batch.Count);   // not durable, so not acknowledged: every one of them is sent again
            foreach (var waiting in batch) End(waiting, Stored.Unavailable);
        }
    }

    private void End(Waiting waiting, Stored stored)
    {
        Interlocked.Add(ref _bytes, -waiting.Bytes);
        waiting.Done(stored);
    }

    /// <summary>The sweep finds what a lost hint leaves behind.</summary>
    private async Task Hint(Guid integration)
    {
        try
        {
            await grains.GetGrain<IIntegrationGrain>(integration).TakeWebhooks();
        }
        catch (Exception lost)
        {
            LogHintLost(lost, integration);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} webhook events could not be stored; their senders were told to send again")]
    private partial void LogStoreFailed(Exception failure, int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "Integration {Integration} was not told of its webhooks; the sweep will")]
    private partial void LogHintLost(Exception lost, Guid integration);

    private sealed class Waiting(InboxEvent received)
    {
        private readonly TaskCompletionSource<Stored> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public InboxEvent Event => received;

        public int Bytes => received.Payload.Length;

        public Task<Stored> Result => _result.Task;

        public void Done(Stored stored) => _result.TrySetResult(stored);
    }
}
