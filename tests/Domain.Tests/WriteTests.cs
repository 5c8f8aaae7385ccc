using CsCheck;
using FinanceIntegrations.Domain.Attention;
using FinanceIntegrations.Domain.Auditing;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

public sealed class WriteTests
{
    private static readonly WritePolicy Policy = WritePolicy.Default;
    private static readonly WriteReceipt Receipt = new("po_1", "pending");
    private static readonly ProviderError Lost = new(ErrorClass.OutcomeUnknown, "timeout", "No answer came.");

    private static readonly Gen<Event> AnyEvent = Gen.OneOf(
        Gen.Const(new Event("answered: done", (s, id, at) => Lifecycle.WriteAnswered(s, id, Receipt, Policy, at), Shows: true)),
        Gen.Const(new Event("answered: lost", (s, id, at) => Lifecycle.WriteAnswered(s, id, Lost, Policy, at))),
        States.AnyError.Select(e => new Event($"answered: {e.Class}", (s, id, at) => Lifecycle.WriteAnswered(s, id, e, Policy, at))),
        Gen.Const(new Event("abandoned", (s, id, at) => Lifecycle.WriteAbandoned(s, id, Policy, at))),
        Gen.Const(new Event("looked: there", (s, id, at) => Lifecycle.WriteLooked(s, id, new WriteSighting(Receipt), Policy, at), Shows: true)),
        Gen.Const(new Event("looked: nothing", (s, id, at) => Lifecycle.WriteLooked(s, id, WriteSighting.Nothing, Policy, at))),
        States.AnyError.Select(e => new Event("looked: failed", (s, id, at) => Lifecycle.WriteLooked(s, id, e, Policy, at))));

    /// <summary>What happens to the connection, and not to the write.</summary>
    private static readonly Gen<Event> AnyTurn = Any.Of<Event>(
        new("switched off", (s, _, at) => Lifecycle.Updated(s, new("Shop", "{}", "{}", 60, Enabled: false), at)),
        new("switched on", (s, _, at) => Lifecycle.Updated(s, new("Shop", "{}", "{}", 60, Enabled: true), at)),
        new("expired", (s, _, at) => Lifecycle.Expired(s, "invalid_grant", at)),
        new("withdrawn", (s, _, at) => Lifecycle.ConsentWithdrawn(s, at, at)),
        new("authorized again", (s, _, at) => Lifecycle.Connected(s, new() { AccessToken = "y", ObtainedAt = at }, "acct", at)),
        new("to be looked up", (s, id, at) => Lifecycle.WriteToBeLookedUp(s, Decision(id, "look_again", at), id, Policy)),
        new("decided", (s, id, at) => Lifecycle.WriteDecided(s, id, happened: true, Decision(id, "happened", at))));

    private static readonly Gen<(Event Event, int Seconds)[]> AnyLife = Gen.Select(AnyEvent, Gen.Int[0, 120]).Array[0, 40];

    [Fact]
    public void Who_ordered_a_write_and_who_decided_what_became_of_it_is_audited()
    {
        var (begun, write, now) = Begun();
        var ordered = Assert.Single(Lifecycle.WriteBegun(States.Connected() with { Outbox = new() }, write, now).Outbox.Audit);
        Assert.Equal((write.By, AuditActions.WriteOrdered, write.Id.ToString()), (ordered.Actor, ordered.Action, ordered.Subject));
        var unknown = Lifecycle.WriteAnswered(begun, write.Id, Lost, Policy, now);
        Assert.Empty(unknown.Outbox.Audit);
        var decided = Lifecycle.WriteDecided(unknown with { Outbox = new() }, write.Id, happened: true, Decision(write.Id, "happened", now));
        Assert.Equal([("carol", AuditActions.AttentionSettled), ("carol", AuditActions.WriteDecided)], decided.Outbox.Audit.Select(entry => (entry.Actor, entry.Action)));
        var done = Lifecycle.WriteAnswered(begun, write.Id, Receipt, Policy, now);
        Assert.Equal([(AuditEntry.BySystem, AuditActions.WriteSucceeded)], done.Outbox.Audit.Select(entry => (entry.Actor, entry.Action)));
    }

    [Fact]
    public void A_write_ends_once_and_what_was_seen_counts() => AnyLife.Sample(life =>
    {
        var (state, write, now) = Begun();
        OperationRow? end = null;
        foreach (var (happens, seconds) in life)
        {
            now = now.AddSeconds(seconds);
            var open = state.Writes.Count > 0;
            var next = happens.Apply(state, write.Id, now);
            var row = next.Outbox.Operations.SingleOrDefault();
            if (end is not null) Assert.Same(state, next);   // an end is an end
            if (row?.SettledAt is not null)
            {
                Assert.True(open);
                Assert.Empty(next.Writes);
                Assert.Equal(happens.Shows, row.Status == "succeeded");
                end = row;
            }
            else if (end is null)
            {
                Assert.Single(next.Writes);
            }
            state = next with { Outbox = new() };
        }
    });

    [Fact]
    public void That_a_look_up_shows_nothing_is_believed_only_when_the_provider_has_had_time() => AnyLife.Sample(life =>
    {
        var (state, write, now) = Begun();
        foreach (var (happens, seconds) in life)
        {
            now = now.AddSeconds(seconds);
            state = happens.Apply(state with { Outbox = new() }, write.Id, now);
            if (state.Outbox.Operations.SingleOrDefault() is { ErrorCode: Lifecycle.NotExecuted })
                Assert.True(now - write.Deadline >= Policy.Settling, $"after {now - write.Deadline}");
        }
    });

    [Fact]
    public void An_open_write_always_has_a_moment_at_which_the_grain_wakes_for_it() => AnyLife.Sample(life =>
    {
        var (state, write, now) = Begun();
        foreach (var (happens, seconds) in life)
        {
            now = now.AddSeconds(seconds);
            state = happens.Apply(state, write.Id, now) with { Outbox = new() };
            if (state.Writes.Count == 0) Assert.Null(Lifecycle.WritesNeedAt(state));
            else Assert.InRange(Lifecycle.WritesNeedAt(state)!.Value, States.Begin, now.AddDays(2));   // a provider may ask for so long a pause
        }
    });

    [Fact]
    public void A_write_that_nobody_looks_up_lies_before_a_person_however_it_came_to_that() =>
        Gen.Select(Gen.Frequency((1, AnyEvent), (1, AnyTurn)), Gen.Int[0, 120]).Array[0, 40].Sample(life =>
        {
            var (state, write, now) = Begun();
            var asked = false;
            foreach (var (happens, seconds) in life)
            {
                now = now.AddSeconds(seconds);
                state = happens.Apply(state, write.Id, now);
                if (state.Outbox.AttentionSettled.Any(end => end.Key == Lifecycle.KeyOfWrite(write.Id))) asked = false;
                if (state.Outbox.AttentionRaised.Any(item => item.Key == Lifecycle.KeyOfWrite(write.Id))) asked = true;   // settled is applied before raised
                state = state with { Outbox = new() };
                if (state.Writes.SingleOrDefault() is not { } open) Assert.False(asked);
                else if (Lifecycle.LooksWritesUp(state)) Assert.NotNull(Lifecycle.WritesNeedAt(state));
                else if (!open.Unknown) Assert.Equal(open.Deadline, Lifecycle.WritesNeedAt(state));   // from then on it is unknown, and asked about
                else Assert.True(asked && Lifecycle.WritesNeedAt(state) is null);
            }
        });

    [Fact]
    public void What_cannot_be_looked_up_says_why()
    {
        var (begun, write, now) = Begun();
        var off = Lifecycle.Updated(begun, new("Shop", "{}", "{}", 60, Enabled: false), now);
        Assert.Empty(off.Outbox.AttentionRaised);   // it is still being sent
        var asked = Lifecycle.WriteAbandoned(off, write.Id, Policy, write.Deadline).Outbox;
        Assert.Contains("switched_off", Assert.Single(asked.AttentionRaised).WhatHappened, StringComparison.Ordinal);
        Assert.Equal("outcome_unknown", Assert.Single(asked.Operations).Status);
        Assert.Same(off, Lifecycle.WriteToBeLookedUp(off, Decision(write.Id, "look_again", now), write.Id, Policy));
    }

    [Fact]
    public void A_person_is_asked_once_when_so_many_look_ups_have_told_nothing()
    {
        var (state, write, now) = Begun();
        state = Lifecycle.WriteAnswered(state, write.Id, Lost, Policy, now);
        var asked = 0;
        for (var look = 0; look < 3 * Policy.LooksBeforeAttention; look++)
        {
            state = Lifecycle.WriteLooked(state with { Outbox = new() }, write.Id, new ProviderError(ErrorClass.ProviderUnavailable, "away", "Away."), Policy, now);
            asked += state.Outbox.AttentionRaised.Count(item => item.Kind == AttentionKinds.OutcomeUnknown && Lifecycle.WriteOfKey(item.Key) == write.Id);
        }
        Assert.Equal(1, asked);
        var expired = Lifecycle.Expired(state with { Outbox = new() }, "consent_withdrawn", now);   // now nobody can look it up any more
        Assert.Contains(expired.Outbox.AttentionRaised, item => item.Key == Lifecycle.KeyOfWrite(write.Id));
    }

    [Fact]
    public void An_order_reads_back_as_it_was_written() => Gen.OneOf<WriteOrder>(
        Gen.Select(Gen.Decimal[0.01m, 1_000_000m], Gen.String.Null(), (amount, text) => (WriteOrder)new CreatePayout(amount, "GBP", text, "instant", text)),
        Gen.String.Select(id => (WriteOrder)new CancelPayout(id)),
        Gen.String.Select(text => (WriteOrder)new SubmitEvidence("dp_1", new() { Explanation = text })),
        Gen.String.Select(id => (WriteOrder)new AcceptDispute(id)))
        .Sample(order => Assert.Equal(WriteOrderJson.Of(order), WriteOrderJson.Of(WriteOrderJson.Read(WriteOrderJson.Of(order)))));

    private static (IntegrationState State, OpenWrite Write, DateTimeOffset Now) Begun()
    {
        var write = new OpenWrite
        {
            Id = Guid.CreateVersion7(States.Begin),
            Order = new CreatePayout(12.34m, "GBP"),
            Mark = new("ref", "key", States.Begin),
            By = "alice",
            Deadline = States.Begin.AddSeconds(65),
        };
        return (Lifecycle.WriteBegun(States.Connected() with { Outbox = new() }, write, States.Begin) with { Outbox = new() }, write, States.Begin);
    }

    private static AttentionSettlement Decision(Guid write, string choice, DateTimeOffset at) =>
        new() { Key = Lifecycle.KeyOfWrite(write), Choice = choice, By = "carol", At = at };

    /// <param name="Shows">It shows that the write has happened.</param>
    private sealed record Event(string Name, Func<IntegrationState, Guid, DateTimeOffset, IntegrationState> Apply, bool Shows = false)
    {
        public override string ToString() => Name;
    }
}
