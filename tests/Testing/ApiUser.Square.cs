namespace FinanceIntegrations.Testing;

/// <summary>A user with a shop at Square.</summary>
public sealed partial class ApiUser
{
    public static object SquareIntegration(string name, int? frequency = null) =>
        new { name, integration_type = "payment_processor", provider = "square", sync_frequency_minutes = frequency };

    /// <summary>Creates, connects to a seller of the sandbox, and waits until everything is read.</summary>
    public async Task<string> ConnectedToSquareAsync(string seller, CancellationToken cancel = default)
    {
        var id = (await PostAsync("/", SquareIntegration("Shop"), cancel)).MustBeOk("create")["id"];
        await ConnectAsync(id, seller, cancel);
        await HistoryReadAsync(id, cancel);
        return id;
    }
}
