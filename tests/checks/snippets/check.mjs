// Holds the code for Node.js that the tenants' page shows against recorded deliveries: what was sent verifies, what was
// changed, or signed too long ago, does not.
//
//     node check.mjs HMAC.mjs ED25519.mjs RECORDED.json

import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";

const [hmac, ed25519] = await Promise.all(process.argv.slice(2, 4).map((path) => import(path)));
/** A public key as the API shows it. */
const shown = (publicKey) => `whpk_${publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("base64")}`;
const OTHER = { whsec_: `whsec_${"A".repeat(32)}`, whpk_: shown(generateKeyPairSync("ed25519").publicKey) };

/** What verifies with such a secret. */
function verifies({ secret, headers, body }) {
  return (secret.startsWith("whpk_") ? ed25519 : hmac).verify(secret, headers, body);
}

/** Each way in which a delivery can be changed, none of which may verify. */
function* changed({ secret, headers, body }) {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature } = headers;
  const set = (name, value) => ({ secret, headers: { ...headers, [name]: value }, body });
  const each = (change) => signature.split(" ").map((one) => change(...one.split(","))).join(" ");
  yield ["body", { secret, headers, body: body + " " }];
  yield ["id", set("webhook-id", id.slice(0, -1))];
  for (const other of [String(Number(timestamp) + 1), "", "now", "-1", "1e999", "9".repeat(5000), "\u00b2"]) {
    yield [`time ${other.slice(0, 9)}`, set("webhook-timestamp", other)];
  }
  yield ["signature", set("webhook-signature", each((version, text) => `${version},${[...text.slice(0, -1)].reverse().join("")}=`))];
  yield ["shorter signature", set("webhook-signature", each((version, text) => `${version},${text.slice(0, 40)}`))];
  yield ["version", set("webhook-signature", each((version, text) => `${version === "v1" ? "v1a" : "v1"},${text}`))];
  for (const other of ["", " ", ",", "v1", "v1,", "v1a,", "v1,%%%", "v1a,%%%", "v1,\u00b2", "v1a,\u00b2"]) {
    yield [`signature ${other}`, set("webhook-signature", other)];
  }
  for (const name of Object.keys(headers)) {
    const { [name]: _, ...rest } = headers;
    yield [`headers: no ${name}`, { secret, headers: rest, body }];
  }
  yield ["secret", { secret: OTHER[secret.match(/^wh\w+_/)?.[0]] ?? `${secret}.`, headers, body }];
}

/** A request signed so many seconds from now, by this file's own means. */
function signed(seconds, secret, make) {
  const [id, timestamp, body] = ["evt_1", String(Math.floor(Date.now() / 1000) + seconds), "{}"];
  const headers = { "webhook-id": id, "webhook-timestamp": timestamp };
  headers["webhook-signature"] = make(`${id}.${timestamp}.${body}`);
  return { secret, headers, body };
}

const recorded = JSON.parse(readFileSync(process.argv[4], "utf8"));
const kinds = new Set(recorded.map(({ secret }) => secret.match(/^wh\w+_/)?.[0] ?? "plain"));
assert.deepEqual([...kinds].sort(), ["plain", "whpk_", "whsec_"], "deliveries of each kind of secret are recorded");
let refused = 0;
for (const delivery of recorded) {
  assert.equal(verifies(delivery), true, JSON.stringify(delivery.headers));
  assert.equal(verifies({ ...delivery, body: Buffer.from(delivery.body) }), true, "a body of bytes");
  for (const [what, other] of changed(delivery)) {
    assert.equal(verifies(other), false, `another ${what}: ${JSON.stringify(other.headers)}`);
    refused += 1;
  }
}
const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const ways = [
  ["a plain one", (text) => `v1,${createHmac("sha256", "a plain one").update(text).digest("base64")}`],
  [shown(publicKey), (text) => `v1a,${sign(null, Buffer.from(text), privateKey).toString("base64")}`],
];
for (const [secret, make] of ways) {
  for (const [seconds, right] of [[0, true], [-290, true], [290, true], [-310, false], [310, false]]) {
    assert.equal(verifies(signed(seconds, secret, make)), right, `${seconds} seconds from now`);
  }
}
console.log(`JavaScript: ${recorded.length} deliveries verified, ${refused} changed ones refused, and old ones`);
