using Xunit;

namespace FinanceIntegrations.Sandbox.Tests.Square;

/// <summary>Square's own Node library, unchanged, against the sandbox.</summary>
public sealed class SquareLibraryTests
{
    [Fact]
    public async Task The_Node_library_connects_lists_everything_by_itself_and_disconnects()
    {
        await using var seller = await SquareSeller.StartAsync(400, connect: false);
        foreach (var kind in new[] { "refund", "dispute" }) await seller.AdvanceAsync(kind, 4);
        var books = await seller.BooksAsync();

        var code = (await seller.AuthorizeAsync())["code"];
        var read = await NodeScript.RunAsync("node-square", $"{seller.Sandbox.Url}/square", SquareSeller.ClientId, SquareSeller.Secret, code, RunningSandbox.Callback);

        Assert.Equal((seller.Id, true, true), ((string)read["merchant"]!, (bool)read["kept"]!, (bool)read["net"]!));
        Assert.Equal(SquareSeller.AllScopes.Split(' '), read["scopes"]!.AsArray().Select(scope => (string)scope!));
        foreach (var name in new[] { "payments", "payouts", "refunds", "disputes" })
            Assert.Equal(books[name]!.AsArray().Select(row => (string)row!["id"]!).Order(StringComparer.Ordinal), read[name]!.AsArray().Select(id => (string)id!).Order(StringComparer.Ordinal));
        Assert.NotEmpty(read["entries"]!.AsArray());
        Assert.Equal(("400 INVALID_VALUE", true, "401 ACCESS_TOKEN_REVOKED", true),
            ((string)read["refused"]!, (bool)read["revoked"]!, (string)read["gone"]!, (bool)read["signed"]!));
    }
}
