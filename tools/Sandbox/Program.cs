using FinanceIntegrations.Sandbox;

await SandboxApplication.Build(args).RunAsync();
