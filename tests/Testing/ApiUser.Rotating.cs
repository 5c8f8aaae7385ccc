namespace FinanceIntegrations.Testing;

/// <summary>The same with the providers whose tokens rotate.</summary>
public sealed partial class ApiUser
{
    /// <summary>Creates an accounting integration and connects it to an organisation of the sandbox.</summary>
    /// <param name="provider"><c>xero</c> or <c>quickbooks</c>.</param>
    /// <param name="account">The organisation.</param>
    /// <param name="cancel">Stops it.</param>
    public async Task<string> ConnectedBooksAsync(string provider, string account, CancellationToken cancel = default)
    {
        var wish = new { name = "Books", integration_type = "accounting", provider, sync_frequency_minutes = 7 * 24 * 60 };
        var id = (await PostAsync("/", wish, cancel)).MustBeOk("create")["id"];
        await ConnectAsync(id, account, cancel);
        await NewestRunAsync(id, "succeeded", cancel);
        return id;
    }
}
