// Reads the sandbox with Stripe's own Node library: node read.mjs <port> <key> <account> <signed payload>
import Stripe from "stripe";

const [port, key, account, payload] = process.argv.slice(2);
const stripe = new Stripe(key, { host: "127.0.0.1", port, protocol: "http", maxNetworkRetries: 0, telemetry: false });

async function ids(list) {
  const found = [];
  for await (const row of list) found.push(row.id);
  return found;
}

const asAccount = { stripeAccount: account };
console.log(JSON.stringify({
  balance_transactions: await ids(stripe.balanceTransactions.list({ limit: 100 }, asAccount)),
  payouts: await ids(stripe.payouts.list({ limit: 100 }, asAccount)),
  disputes: await ids(stripe.disputes.list({ limit: 3 }, asAccount)),
  header: stripe.webhooks.generateTestHeaderString({ payload, secret: "test_secret", timestamp: 1700000000 }),
}));
