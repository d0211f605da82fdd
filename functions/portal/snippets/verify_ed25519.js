// verify.mjs. With Express: app.post("/webhooks", express.raw({ type: "*/*" }), (request, response) =>
//   response.sendStatus(verify(publicKey, request.headers, request.body) ? 204 : 401));
import { createPublicKey, verify as isSignature } from "node:crypto";

// `body` is the request's body as it came, a Buffer or a string: not parsed and written again.
export function verify(publicKey, headers, body) {
  const [id, timestamp] = [headers["webhook-id"], headers["webhook-timestamp"]];
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300)) return false;
  const x = Buffer.from(publicKey.replace("whpk_", ""), "base64").toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)]);
  // While the key is being changed there are two signatures, with a space between.
  const signatures = (headers["webhook-signature"] ?? "").split(" ").filter((one) => one.startsWith("v1a,"));
  return signatures.some((one) => isSignature(null, signed, key, Buffer.from(one.slice(4), "base64")));
}
