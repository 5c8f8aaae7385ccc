/// <summary>
/// Lets the product's own processes, as they are, take the test's providers: the runtime calls this before <c>Main</c>
/// (<c>DOTNET_STARTUP_HOOKS</c>), and by being loaded the assembly can be named in <c>ASPNETCORE_HOSTINGSTARTUPASSEMBLIES</c>.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        // To be loaded is all.
    }
}
