// A local stack, a receiver that answers as it is told, and a browser.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, existsSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

/** What keeps Chromium from asking its makers' hosts. */
export const NOBODY_ELSE = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** Waits for a condition, `seconds` at most. */
export async function until(what, condition, seconds = 30) {
  const end = Date.now() + 1000 * seconds;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) throw new Error(`timed out: ${what}`);
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

/** A receiver on a port of its own, which answers what `answer` says and keeps what came. */
async function receive() {
  const receiver = { answer: 200, got: [] };
  const server = createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      receiver.got.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
      response.writeHead(receiver.answer, { location: "https://elsewhere.example/", "content-type": "application/json" });
      response.end('{"got":true}');
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  receiver.url = `http://127.0.0.1:${server.address().port}/webhooks`;
  receiver.close = () => server.close();
  return receiver;
}

/** A platform's back office: a page of another site that shows `frame` in a frame. */
async function office() {
  const office = { frame: "" };
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end(`<!doctype html><html lang="en"><title>Office</title><iframe title="Webhooks" width="900" height="700" src="${office.frame}"></iframe>`);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  office.url = `http://localhost:${server.address().port}`;
  office.close = () => server.close();
  return office;
}

/** Starts all of it. One office may show the page in a frame, the other may not. */
export async function start(binary, executable) {
  const [known, stranger] = [await office(), await office()];
  const directory = mkdtempSync(join(tmpdir(), "portal-"));
  const ready = join(directory, "ready");
  const stack = spawn(
    binary,
    ["up", "--endpoints", "--ephemeral", "--port", "0", "--ready-file", ready, "--parameter", "TickSeconds=1",
      "--parameter", `PortalFrameOrigins=${known.url}`],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  await until("the stack starts", () => existsSync(ready) && readFileSync(ready, "utf8").trim() !== "");
  const { api, admin_key: key } = JSON.parse(readFileSync(ready, "utf8"));
  const receiver = await receive();
  const browser = await chromium.launch({ executablePath: executable, args: NOBODY_ELSE });
  const call = async (method, path, body) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const answer = await fetch(api + path, { method, headers, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
  };
  const stop = async () => {
    await browser.close();
    for (const server of [receiver, known, stranger]) server.close();
    stack.kill("SIGTERM");
    await new Promise((ended) => stack.on("exit", ended));
    rmSync(directory, { recursive: true, force: true });
  };
  return { api, call, receiver, browser, known, stranger, stop };
}
