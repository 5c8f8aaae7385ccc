using System.Runtime.CompilerServices;
using CsCheck;

namespace FinanceIntegrations.Domain.Tests;

internal static class Iterations
{
    /// <summary>Rules are cheap to ask: two thousand lives each. <c>CsCheck_Iter</c> in the environment asks for more.</summary>
    [ModuleInitializer]
    internal static void Set()
    {
        if (Environment.GetEnvironmentVariable("CsCheck_Iter") is null) Check.Iter = 2000;
    }
}
