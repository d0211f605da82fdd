// A receiver that verifies with the code that the tenants' page shows, for one secret: 204, or 401 to what does not verify.
//
//     node receiver.mjs HMAC.mjs SECRET      prints its port, and runs until it is ended

import { createServer } from "node:http";

const { verify } = await import(process.argv[2]);
const server = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray());
  response.writeHead(verify(process.argv[3], request.headers, body) ? 204 : 401).end();
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
