// The tenants' page in a real browser on a local stack: a webhook is made, tested, fails, is sent again, gets a new secret
// and is switched off. Every page is looked through by axe, in both looks and on a phone. With a directory as the third
// argument, screenshots are left there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { start, until } from "./world.mjs";

const [binary, executable, pictures] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const world = await start(binary, executable);

/** Opens the tenant's page by a new link. */
async function visit(capabilities, options = {}) {
  const link = await world.call("POST", "/v1/tenants/shop-1/portal-links", { capabilities });
  const context = await world.browser.newContext(options);
  const page = await context.newPage();
  page.on("request", (request) => assert.ok(request.url().startsWith(world.api), `it asks ${request.url()}`));
  page.on("console", (message) => assert.notEqual(message.type(), "error", message.text()));
  await page.goto(link.url);
  return page;
}

/** What axe finds wrong with a page: nothing. */
async function check(page, name) {
  await page.evaluate(axe);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await page.evaluate(() => window.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
    const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
    assert.deepEqual(told, [], `${name}, ${colorScheme}`);
    if (pictures && colorScheme === "light") await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  }
  const width = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(width <= 0, `${name} is ${width} pixels wider than its window`);
}
