using CsCheck;
using FinanceIntegrations.Domain.Providers;
using Xunit;

namespace FinanceIntegrations.Domain.Tests;

public sealed class ErrorClassesTests
{
    [Fact]
    public void Every_class_has_a_name_of_its_own()
    {
        var names = Enum.GetValues<ErrorClass>().Select(ErrorClasses.Name).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All(names, n => Assert.Matches("^[a-z_]+$", n));
    }

    [Fact]
    public void The_worst_error_needs_the_user_where_all_of_them_do() =>
        States.AnyError.Array[1, 10].Sample(errors => Assert.Equal(errors.All(e => e.NeedsUser), ErrorClasses.Worst(errors)!.NeedsUser));

    [Fact]
    public void Of_none_there_is_no_worst() => Assert.Null(ErrorClasses.Worst([]));

    [Fact]
    public void Provider_ids_are_found_by_their_exact_word_only()
    {
        Assert.All(ProviderId.All, p => Assert.True(ProviderId.TryParse(p.Value, out var found) && found == p));
        Assert.False(ProviderId.TryParse("Stripe", out _));
        Assert.False(ProviderId.TryParse(null, out _));
    }
}
