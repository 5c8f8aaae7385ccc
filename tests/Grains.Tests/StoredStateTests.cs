using System.Text.Json.Nodes;
using FinanceIntegrations.Domain.Integrations;
using FinanceIntegrations.Grains.Storage;
using Xunit;

namespace FinanceIntegrations.Grains.Tests;

/// <summary>A state on disk outlives the version that wrote it.</summary>
public sealed class StoredStateTests
{
    private static readonly JsonStorageSerializer Serializer = new();

    [Fact]
    public void A_state_reads_back_as_it_was_written()
    {
        var state = new IntegrationState { Owner = "alice", StreamsAsked = ["payouts"], Run = new() { Trigger = "webhook", Streams = ["payouts"] } };
        var again = Serializer.Deserialize<IntegrationState>(Serializer.Serialize(state));
        Assert.Equal(Serializer.Serialize(state).ToString(), Serializer.Serialize(again).ToString());
        Assert.Equal(["payouts"], again.StreamsAsked);
        Assert.Equal(["payouts"], again.Run!.Streams);
    }

    [Fact]
    public void A_state_from_before_streams_were_asked_for_asks_for_none_and_its_run_reads_all()
    {
        var stored = JsonNode.Parse(Serializer.Serialize(new IntegrationState { Owner = "alice", Run = new() { Trigger = "user" } }))!;
        Assert.True(stored.AsObject().Remove("streams_asked"));
        Assert.True(stored["run"]!.AsObject().Remove("streams"));

        var state = Serializer.Deserialize<IntegrationState>(new(stored.ToJsonString()));

        Assert.Empty(state.StreamsAsked);
        Assert.True(state.Run!.IsWhole);
    }

    [Fact]
    public void A_state_from_before_there_was_a_window_has_no_history_to_read()
    {
        var stored = JsonNode.Parse(Serializer.Serialize(new IntegrationState { Owner = "alice" }))!;
        Assert.True(stored.AsObject().Remove("history"));
        Assert.Null(Serializer.Deserialize<IntegrationState>(new(stored.ToJsonString())).History);
    }
}
