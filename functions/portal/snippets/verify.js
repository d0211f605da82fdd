// verify.mjs. With Express: app.post("/webhooks", express.raw({ type: "*/*" }), (request, response) =>
//   response.sendStatus(verify(secret, request.headers, request.body) ? 204 : 401));
import { createHmac, timingSafeEqual } from "node:crypto";

// `body` is the request's body as it came, a Buffer or a string: not parsed and written again.
export function verify(secret, headers, body) {
  const [id, timestamp] = [headers["webhook-id"], headers["webhook-timestamp"]];
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300)) return false;
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : secret;
  const wanted = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
  // While the secret is being changed there are two signatures, with a space between.
  return (headers["webhook-signature"] ?? "").split(" ").some((one) => {
    const given = Buffer.from(one.slice(3), "base64");
    return one.startsWith("v1,") && given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}
