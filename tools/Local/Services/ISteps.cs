namespace FinanceIntegrations.Local.Services;

/// <summary>Shows a person what is being done. A step's work gets a way to say what it is at, and answers how it ended.</summary>
public interface ISteps
{
    Task RunAsync(string title, Func<Action<string>, Task<string>> work);
}

internal sealed class SilentSteps : ISteps
{
    public Task RunAsync(string title, Func<Action<string>, Task<string>> work) => work(_ => { });
}
