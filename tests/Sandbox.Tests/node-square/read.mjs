// Reads the sandbox with Square's own Node library: node read.mjs <base> <client id> <secret> <code> <redirect uri>
import { SquareClient, SquareError, WebhooksHelper } from "square";

const [baseUrl, clientId, clientSecret, code, redirectUri] = process.argv.slice(2);
const nobody = new SquareClient({ baseUrl, token: "none", maxRetries: 0 });

async function all(page, take) {
  const found = [];
  for await (const row of page) found.push(take(row));
  return found;
}

async function codeOf(call) {
  try {
    await call;
    return "none";
  } catch (error) {
    return error instanceof SquareError ? `${error.statusCode} ${error.errors[0].code}` : String(error);
  }
}

const granted = await nobody.oAuth.obtainToken({ clientId, clientSecret, grantType: "authorization_code", code, redirectUri });
const refreshed = await nobody.oAuth.obtainToken({ clientId, clientSecret, grantType: "refresh_token", refreshToken: granted.refreshToken });
const seller = new SquareClient({ baseUrl, token: refreshed.accessToken, maxRetries: 0 });
const { locations } = await seller.locations.list();
const read = { merchant: granted.merchantId, kept: granted.refreshToken === refreshed.refreshToken, payments: [], payouts: [], entries: [], net: true };
read.scopes = (await seller.oAuth.retrieveTokenStatus()).scopes;
for (const location of locations) {
  read.payments.push(...await all(await seller.payments.list({ locationId: location.id, limit: 50 }), (row) => row.id));
  const payouts = await all(await seller.payouts.list({ locationId: location.id, limit: 20 }), (row) => row);
  read.payouts.push(...payouts.map((row) => row.id));
  for (const payout of payouts.slice(0, 5)) {
    const entries = await all(await seller.payouts.listEntries({ payoutId: payout.id, limit: 1 }), (row) => row);
    read.entries.push(...entries.map((row) => row.id));
    read.net &&= entries.reduce((sum, row) => sum + row.netAmountMoney.amount, 0n) === payout.amountMoney.amount;
  }
}
read.refunds = await all(await seller.refunds.list({ limit: 3 }), (row) => row.id);
read.disputes = await all(await seller.disputes.list(), (row) => row.id);
read.refused = await codeOf(seller.payments.list({ locationId: "nowhere" }));
read.revoked = (await nobody.oAuth.revokeToken(
  { clientId, accessToken: refreshed.accessToken }, { headers: { Authorization: `Client ${clientSecret}` } })).success;
read.gone = await codeOf(seller.locations.list());
read.signed = await WebhooksHelper.verifySignature({
  requestBody: '{"hello":"world"}', signatureHeader: "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og=", signatureKey: "asdf1234", notificationUrl: "https://example.com/webhook",
});
console.log(JSON.stringify(read));
