using System.Collections.Concurrent;
using FinanceIntegrations.Domain.Operations;
using FinanceIntegrations.Domain.Providers;

namespace FinanceIntegrations.Grains.Tests.Cluster;

/// <summary>What is changed at the scripted provider.</summary>
public sealed partial class Script
{
    public static readonly ProviderError Declined = new(ErrorClass.BusinessRule, "insufficient_funds", "There is not enough money.");

    /// <summary>Every order that arrived, in that order.</summary>
    public ConcurrentQueue<WriteMark> Orders { get; } = new();

    /// <summary>References of what was done, once per order that took effect.</summary>
    public ConcurrentQueue<string> Done { get; } = new();

    /// <summary>Comes before an order takes effect. An error is the answer, and nothing happens.</summary>
    public Func<CancellationToken, Task<ProviderError?>> BeforeWrite { get; set; } = _ => Task.FromResult<ProviderError?>(null);

    /// <summary>Comes after the order has taken effect. An error is the answer all the same.</summary>
    public Func<CancellationToken, Task<ProviderError?>> AfterWrite { get; set; } = _ => Task.FromResult<ProviderError?>(null);

    /// <summary>What look-ups answer; null: what is true.</summary>
    public ProviderError? LookUpError { get; set; }

    internal async Task<ProviderResult<WriteReceipt>> WriteAsync(ProviderAccess access, WriteOrder order, WriteMark mark, CancellationToken cancel)
    {
        Orders.Enqueue(mark);
        if (access.AccessToken != AccessToken) return Unauthorized;
        if (await BeforeWrite(cancel) is { } refused) return refused;
        Done.Enqueue(mark.Reference);
        return await AfterWrite(cancel) is { } lost ? lost : ReceiptOf(mark.Reference);
    }

    internal ProviderResult<WriteSighting> LookUp(WriteMark mark) =>
        LookUpError is { } error ? error : Done.Contains(mark.Reference) ? new WriteSighting(ReceiptOf(mark.Reference)) : WriteSighting.Nothing;

    private static WriteReceipt ReceiptOf(string reference) => new("po_" + reference, "pending");
}
