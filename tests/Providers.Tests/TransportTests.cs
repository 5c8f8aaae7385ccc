using System.Diagnostics;
using System.Net;
using FinanceIntegrations.Domain.Providers;
using FinanceIntegrations.Providers.Tests.Stripe;
using FinanceIntegrations.Providers.Transport;
using Xunit;

namespace FinanceIntegrations.Providers.Tests;

/// <summary>The limits of section <c>Providers:{Name}:Limits</c>, held by whatever connector calls. Seen through Stripe's.</summary>
public sealed class TransportTests
{
    private const string Limits = "Providers:Stripe:Limits:";

    [Fact]
    public async Task A_read_is_tried_at_most_three_times()
    {
        using var bench = new StripeBench();
        bench.Provider.AnswerWith(() => ScriptedProvider.Json("{}", HttpStatusCode.ServiceUnavailable));

        Assert.Equal(ErrorClass.ProviderUnavailable, (await bench.FetchAsync("payouts")).Error?.Class);
        Assert.Equal(3, bench.Provider.Sent.Count);
    }

    [Fact]
    public async Task Where_one_attempt_is_all_a_read_is_sent_once_and_afterwards_as_ever()
    {
        using var bench = new StripeBench();
        bench.Provider.AnswerWith(() => ScriptedProvider.Json("{}", HttpStatusCode.ServiceUnavailable));

        using (Attempts.One()) Assert.Equal(ErrorClass.ProviderUnavailable, (await bench.FetchAsync("payouts")).Error?.Class);
        Assert.Single(bench.Provider.Sent);
        await bench.FetchAsync("payouts");
        Assert.Equal(4, bench.Provider.Sent.Count);
    }

    [Fact]
    public async Task Between_attempts_it_waits_longer_each_time_and_never_by_the_same_clockwork()
    {
        using var bench = new StripeBench((Limits + "RetryDelay", "00:00:00.1"));
        bench.Provider.AnswerWith(() => ScriptedProvider.Json("{}", HttpStatusCode.ServiceUnavailable));

        var lengths = new List<TimeSpan>();
        for (var read = 0; read < 6; read++)
        {
            var started = Stopwatch.GetTimestamp();
            await bench.FetchAsync("payouts");
            lengths.Add(Stopwatch.GetElapsedTime(started));
        }
        Assert.True(lengths.Max() - lengths.Min() > TimeSpan.FromMilliseconds(10), string.Join(' ', lengths));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(6, 1)]
    [InlineData(86_400, 1)]
    public async Task A_wait_that_the_provider_asks_for_is_honoured_up_to_the_longest_that_a_call_may_take(int seconds, int attempts)
    {
        using var bench = new StripeBench((Limits + "LongestRetryDelay", "00:00:05"));
        var asked = true;
        bench.Provider.Answer = (_, _) =>
        {
            var answer = asked ? ScriptedProvider.Json("{}", HttpStatusCode.TooManyRequests) : bench.List(hasMore: false);
            if (asked) answer.Headers.TryAddWithoutValidation("Retry-After", $"{seconds}");
            asked = false;
            return Task.FromResult(answer);
        };

        var started = Stopwatch.GetTimestamp();
        var page = await bench.FetchAsync("payouts");
        var elapsed = Stopwatch.GetElapsedTime(started);

        Assert.Equal(attempts, bench.Provider.Sent.Count);
        if (attempts > 1) Assert.InRange(elapsed, TimeSpan.FromSeconds(seconds - 0.1), TimeSpan.FromSeconds(seconds + 4));
        else Assert.Equal((ErrorClass.RateLimited, TimeSpan.FromSeconds(seconds)), (page.Error!.Class, page.Error.RetryAfter));
    }

    [Fact]
    public async Task A_read_with_all_its_attempts_ends_at_the_total_time_out()
    {
        using var bench = new StripeBench((Limits + "AttemptTimeout", "00:00:00.4"), (Limits + "TotalTimeout", "00:00:00.6"));
        bench.Provider.Answer = async (_, cancel) =>
        {
            await Task.Delay(Timeout.Infinite, cancel);
            return ScriptedProvider.Json("{}");
        };

        var started = Stopwatch.GetTimestamp();
        var page = await bench.FetchAsync("payouts");

        Assert.Equal((ErrorClass.Network, "timeout"), (page.Error!.Class, page.Error.Code));
        Assert.Equal(2, bench.Provider.Sent.Count);   // the second was cut by the total
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_call_that_changes_something_is_sent_once_whatever_becomes_of_it()
    {
        using var bench = new StripeBench((Limits + "AttemptTimeout", "00:00:00.3"), (Limits + "TotalTimeout", "00:00:10"));
        Func<CancellationToken, Task<HttpResponseMessage>>[] fates =
        [
            _ => Task.FromResult(ScriptedProvider.Json("{}", HttpStatusCode.InternalServerError)),
            _ => throw new HttpRequestException(HttpRequestError.ResponseEnded),
            async cancel =>
            {
                await Task.Delay(Timeout.Infinite, cancel);
                return ScriptedProvider.Json("{}");
            },
        ];
        foreach (var (number, fate) in fates.Index())
        {
            bench.Provider.Answer = (_, cancel) => fate(cancel);
            var revoked = await bench.Auth.RevokeAsync(bench.Access, StripeBench.Cancel);
            Assert.Equal(ErrorClass.OutcomeUnknown, revoked.Error?.Class);
            Assert.Equal(number + 1, bench.Provider.Sent.Count);
        }
    }

    [Fact]
    public async Task No_more_calls_are_under_way_than_the_provider_is_given()
    {
        using var bench = new StripeBench((Limits + "ConcurrentCalls", "3"));
        var (underWay, most) = (0, 0);
        bench.Provider.Answer = async (_, cancel) =>
        {
            var now = Interlocked.Increment(ref underWay);
            InterlockedMax(ref most, now);
            await Task.Delay(20, cancel);
            Interlocked.Decrement(ref underWay);
            return bench.List(hasMore: false);
        };

        var pages = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => bench.FetchAsync("payouts")));

        Assert.All(pages, page => Assert.True(page.Ok));
        Assert.Equal(3, most);
    }

    private static void InterlockedMax(ref int most, int seen)
    {
        for (var held = Volatile.Read(ref most); seen > held; held = Volatile.Read(ref most))
            if (Interlocked.CompareExchange(ref most, seen, held) == held) return;
    }
}
