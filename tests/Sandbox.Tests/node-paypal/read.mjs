// Reads the sandbox with PayPal's own server SDK: node read.mjs <port> <client id> <client secret> <start> <end>
// The SDK has fixed https hosts: what it sends to them goes to the sandbox instead, under its prefix.
import { createRequire } from "node:module";
import http from "node:http";

const [port, clientId, clientSecret, startDate, endDate] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const https = require("node:https");
const hosts = new Set();
https.request = (options, answered) => {
  hosts.add(options.hostname ?? options.host);
  return http.request({
    method: options.method, headers: options.headers, hostname: "127.0.0.1", port, path: `/paypal${options.path}`,
  }, answered);
};

const { Client, Environment, TransactionSearchController } = require("@paypal/paypal-server-sdk");
const client = new Client({
  clientCredentialsAuthCredentials: { oAuthClientId: clientId, oAuthClientSecret: clientSecret },
  environment: Environment.Sandbox,
  timeout: 20_000,
});
const reports = new TransactionSearchController(client);

const transactions = [];
for (let page = 1, pages = 1; page <= pages; page++) {
  const { result } = await reports.searchTransactions({ startDate, endDate, pageSize: 2, page });
  pages = result.totalPages;
  for (const row of result.transactionDetails) transactions.push([row.transactionInfo.transactionId, row.transactionInfo.transactionAmount.value]);
}
const { result: balances } = await reports.searchBalances({});
let refused = null;
try {
  await reports.searchTransactions({ startDate, endDate: "2030-01-01T00:00:00Z" });
} catch (error) {
  refused = { status: error.statusCode, name: error.result?.name ?? JSON.parse(error.body).name };
}
console.log(JSON.stringify({
  hosts: [...hosts], transactions, account: balances.accountId,
  balances: balances.balances.map((one) => [one.currency, one.totalBalance.value]), refused,
}));
