using System.Collections.Concurrent;

namespace FinanceIntegrations.Grains.Tests.Cluster;

/// <summary>What a test sees of a grain's turns, and takes from them.</summary>
public sealed class Turns : IIncomingGrainCallFilter, IOutgoingGrainCallFilter
{
    private readonly ConcurrentDictionary<(GrainId Grain, string Method), int> _begun = new();
    private readonly ConcurrentDictionary<(GrainId Grain, string Method), Exception> _lost = new();

    /// <summary>How many calls of that method have begun.</summary>
    public int Begun(IAddressable grain, string method) => _begun.GetValueOrDefault((grain.GetGrainId(), method));

    /// <summary>
    /// The next call of that method that a grain makes is not delivered, and fails so for whoever made it: as when Orleans drops a message that
    /// has waited for 30 s, without the 30 s.
    /// </summary>
    public void Lose(IAddressable grain, string method, Exception failure) => _lost[(grain.GetGrainId(), method)] = failure;

    public Task Invoke(IIncomingGrainCallContext context)
    {
        _begun.AddOrUpdate((context.TargetId, context.MethodName), 1, static (_, before) => before + 1);
        return context.Invoke();
    }

    public Task Invoke(IOutgoingGrainCallContext context) =>
        _lost.TryRemove((context.TargetId, context.MethodName), out var failure) ? Task.FromException(failure) : context.Invoke();
}
