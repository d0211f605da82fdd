import { createPublicKey, verify as verifySignature } from "node:crypto";

// `body` is the request's body as it came, a Buffer or a string: not parsed and written again.
export function verify(publicKey, headers, body, now = Date.now() / 1000) {
  const [id, timestamp] = [headers["webhook-id"], headers["webhook-timestamp"]];
  if (!(Math.abs(now - Number(timestamp)) <= 300)) return false;
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), Buffer.from(publicKey.slice(5), "base64")]);
  const key = createPublicKey({ key: der, format: "der", type: "spki" });
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)]);
  return (headers["webhook-signature"] ?? "").split(" ").some((one) => {
    const [version, text = ""] = one.split(",");
    return version === "v1a" && verifySignature(null, signed, key, Buffer.from(text, "base64"));
  });
}
