using FinanceIntegrations.Data;
using FinanceIntegrations.Data.Sync;
using FinanceIntegrations.Data.Webhooks;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Domain.Records;
using FinanceIntegrations.Domain.Webhooks;
using FinanceIntegrations.Grains.Integrations;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace FinanceIntegrations.Grains.Webhooks;

/// <summary>Applies one integration's pending deliveries in order: read a batch, interpret, commit effect and mark together, the next batch already on its way.</summary>
internal sealed partial class DeliveryWorker(
    DeliveryQueue queue, FollowedPayouts followed, GrainsTelemetry telemetry, TimeProvider clock, IOptions<DeliveryOptions> options, ILogger<DeliveryWorker> log)
{
    public const int BatchSize = 500;

    /// <summary>Works until nothing is due.</summary>
    /// <param name="grain">Commits a change of the grain together with the deliveries' marks.</param>
    /// <exception cref="NpgsqlException">The database is away; what was not committed stays pending.</exception>
    public async Task DrainAsync(
        Guid integration, ProviderId provider, IReadsWebhooks webhooks, IIntegrationRuns grain, CancellationToken cancel)
    {
        var taken = await queue.TakeAsync(integration, 0, BatchSize, cancel);
        while (taken.Count > 0)
        {
            var following = MayBeMore(taken)
                ? queue.TakeAsync(integration, taken[^1].EventId, BatchSize, cancel)
                : Task.FromResult<IReadOnlyList<Delivery>>([]);
            try
            {
                await ApplyAsync(integration, provider, webhooks, taken, grain, cancel);
            }
            finally
            {
                await following.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
            taken = await following;
        }
    }

    private static bool MayBeMore(IReadOnlyList<Delivery> taken) =>
        taken.Count == BatchSize || taken.Sum(delivery => (long)delivery.Payload.Length) >= DeliveryQueue.MostBytes;

    private async Task ApplyAsync(
        Guid integration, ProviderId provider, IReadsWebhooks webhooks, IReadOnlyList<Delivery> deliveries, IIntegrationRuns grain, CancellationToken cancel)
    {
        var batch = new Batch(deliveries.Count);
        foreach (var delivery in deliveries)
        {
            var effect = Interpret(webhooks, delivery);
            if (effect.ConsentWithdrawnAt is { } at)
            {
                await CommitAsync(integration, provider, batch, grain, cancel);   // in order: what came before is applied before
                batch = new(deliveries.Count);
                await grain.ConsentWithdrawn(delivery.EventId, at).WaitAsync(cancel);   // a turn that waits behind this activation's end never comes
            }
            else if (effect.StreamsToSync.Count > 0) batch.Ask(delivery, effect);
            else if (effect.Unreadable is { } reason) batch.Failed.Add(Failure(delivery, reason));
            else if (effect.IgnoredBecause is not null) batch.Ignored.Add(delivery.EventId);
            else batch.Add(delivery, effect.Records);
        }
        await CommitAsync(integration, provider, batch, grain, cancel);
    }

    private async Task CommitAsync(Guid integration, ProviderId provider, Batch batch, IIntegrationRuns grain, CancellationToken cancel)
    {
        await CompleteAsync(integration, provider, batch);
        await FollowUpAsync(integration, provider, batch, grain, cancel);
        if (batch.Asking.Count == 0) return;
        if (batch.Payouts.Count > 0) await followed.FollowAsync(integration, batch.Payouts, CancellationToken.None);   // before the run that reads them
        await grain.StreamsAsked([.. batch.Asking], [.. batch.Streams]).WaitAsync(cancel);
        telemetry.Deliveries(provider.Value, "done", batch.Asking.Count);
    }

    private async Task CompleteAsync(Guid integration, ProviderId provider, Batch batch)
    {
        if (batch.IsEmpty) return;
        try
        {
            await queue.CompleteAsync(integration, batch.Whole(), CancellationToken.None);
        }
        catch (PostgresException refused) when (DatabaseFaults.IsAboutTheData(refused))
        {
            // One delivery's data does not fit its columns. Alone, each shows whether it is the one; the others go on.
            foreach (var applied in batch.Applied.ToArray())
                if (await ApplyAloneAsync(integration, applied) is { } failure) batch.Refuse(applied, failure);
            await queue.CompleteAsync(integration, new() { Ignored = batch.Ignored, Failed = batch.Failed }, CancellationToken.None);
        }
        telemetry.Deliveries(provider.Value, "done", batch.Applied.Count(applied => !applied.HasFollowUp));
        telemetry.Deliveries(provider.Value, "ignored", batch.Ignored.Count);
        TellOf(batch.Failed, integration, provider);
    }

    /// <summary>Those that are dead letters now are in the integration's own log too, by the statement that says so.</summary>
    private void TellOf(IReadOnlyCollection<FailedDelivery> failed, Guid integration, ProviderId provider)
    {
        var dead = failed.Where(one => one.NextAttemptAt is null).ToArray();
        telemetry.Deliveries(provider.Value, "failed", failed.Count - dead.Length);
        telemetry.Deliveries(provider.Value, "dead", dead.Length);
        foreach (var one in dead) LogDead(integration, one.EventId);
    }

    /// <returns>Why not; null: it is applied.</returns>
    private async Task<FailedDelivery?> ApplyAloneAsync(Guid integration, Applied applied)
    {
        try
        {
            await queue.CompleteAsync(integration, new() { Records = applied.Records, Done = applied.HasFollowUp ? [] : [applied.EventId] }, CancellationToken.None);
            return null;
        }
        catch (PostgresException refused) when (DatabaseFaults.IsAboutTheData(refused))
        {
            LogRefused(integration, applied.EventId, refused.SqlState);
            return Failure(applied.Delivery, $"The database refuses its data (SQLSTATE {refused.SqlState}).");
        }
    }

    /// <summary>
    /// What a person must be told of is a change of the grain, and those deliveries are done with it: what is cut off in between is taken again. One
    /// turn looks for the whole batch; where it finds nothing to tell, a mark is all that is left to do.
    /// </summary>
    private async Task FollowUpAsync(Guid integration, ProviderId provider, Batch batch, IIntegrationRuns grain, CancellationToken cancel)
    {
        var open = batch.Applied.Where(applied => applied.HasFollowUp).ToArray();
        if (open is []) return;
        long[] events = [.. open.Select(applied => applied.EventId)];
        try
        {
            if (!await grain.RecordsChanged(events, open.Any(applied => applied.IsOfDispute), open.Any(applied => applied.IsOfFailedPayout)).WaitAsync(cancel))
                await queue.CompleteAsync(integration, new() { Done = events }, CancellationToken.None);
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or TimeoutException) && !DatabaseFaults.IsUnavailable(failure))
        {
            // Counted and put off: were it a bug, the deliveries behind these would wait for ever. A time-out says nothing about them.
            LogFollowUpFailed(failure, integration, events.Length);
            FailedDelivery[] failed = [.. open.Select(applied => Failure(applied.Delivery, "What follows from it could not be stored."))];
            await queue.CompleteAsync(integration, new() { Failed = failed }, CancellationToken.None);
            TellOf(failed, integration, provider);
            return;
        }
        telemetry.Deliveries(provider.Value, "done", events.Length);
    }

    private WebhookEffect Interpret(IReadsWebhooks webhooks, Delivery delivery)
    {
        try
        {
            return webhooks.Interpret(delivery.EventType, delivery.Payload);
        }
        catch (Exception bug)
        {
            LogInterpretationFailed(bug, delivery.EventId);   // a poison event: it must not hold up the ones behind it
            return new() { Unreadable = "The event could not be interpreted." };
        }
    }

    private FailedDelivery Failure(Delivery delivery, string reason) =>
        new(delivery.EventId, reason, options.Value.Policy.NextAttempt(delivery.Attempts + 1, clock.GetUtcNow(), Random.Shared.NextDouble()));

    private sealed record Applied(Delivery Delivery, IReadOnlyList<UnifiedRecord> Records)
    {
        public long EventId => Delivery.EventId;

        public bool IsOfDispute { get; } = Records.Any(record => record is Dispute);

        public bool IsOfFailedPayout { get; } = Records.Any(record => record is Payout { Status: "failed" });

        /// <summary>Its records may be something that a person must be told of.</summary>
        public bool HasFollowUp => IsOfDispute || IsOfFailedPayout;
    }

    /// <summary>What a batch has come to so far.</summary>
    private sealed class Batch(int capacity)
    {
        public List<Applied> Applied { get; } = new(capacity);

        public List<long> Ignored { get; } = [];

        public List<FailedDelivery> Failed { get; } = [];

        /// <summary>Deliveries that ask for a sync, and of which streams. However many ask, one run reads them.</summary>
        public List<long> Asking { get; } = [];

        public HashSet<string> Streams { get; } = [];

        public HashSet<string> Payouts { get; } = [];

        public bool IsEmpty => Applied.Count + Ignored.Count + Failed.Count == 0;

        public void Add(Delivery delivery, IReadOnlyList<UnifiedRecord> records) => Applied.Add(new(delivery, records));

        public void Refuse(Applied applied, FailedDelivery failure)
        {
            Applied.Remove(applied);
            Failed.Add(failure);
        }

        public void Ask(Delivery delivery, WebhookEffect effect)
        {
            Asking.Add(delivery.EventId);
            Streams.UnionWith(effect.StreamsToSync);
            Payouts.UnionWith(effect.PayoutsToRead);
        }

        public DeliveryBatch Whole() => new()
        {
            Records = [.. Applied.SelectMany(a => a.Records)],
            Done = [.. Applied.Where(a => !a.HasFollowUp).Select(a => a.EventId)],
            Ignored = Ignored,
            Failed = Failed,
        };
    }
}
