// Screenshots of the tenants' page for the documentation: of the shop that the demo leaves behind.
//
//   node pictures.mjs STACK CHROMIUM DIRECTORY

import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import { NOBODY_ELSE } from "./world.mjs";

const [binary, executable, directory] = process.argv.slice(2);
const stack = spawn(binary, ["demo", "--keep", "--port", "0", "--receiver-port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
let link;
for await (const line of createInterface({ input: stack.stdout })) {
  if ((link = line.match(/http\S+\/portal\?token=\S+/)?.[0])) break;
}
stack.stdout.resume();

const browser = await chromium.launch({ executablePath: executable, args: NOBODY_ELSE });

/** A visit by a screen of this size, and what is taken there. */
async function visit(options, story) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(link);
  await story(page, async (name, fullPage = true) => {
    await page.screenshot({ path: join(directory, `${name}.png`), fullPage });
    console.log(`${name}.png`);
  });
  await context.close();
}

await visit({ viewport: { width: 1000, height: 560 } }, async (page, take) => {
  await take("subscriptions");
  await page.getByRole("link", { name: "/shop/accounts" }).click();
  await take("subscription");
  await page.getByRole("link", { name: "Deliveries" }).click();
  await page.getByLabel("Status").selectOption("exhausted");
  await page.getByRole("button", { name: "Show" }).click();
  await take("deliveries", false);
  await page.locator("tbody a").first().click();
  await take("delivery", false);
  await page.getByRole("link", { name: "Test" }).click();
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByRole("heading", { name: "Response" }).scrollIntoViewIfNeeded();
  await take("test");
});
await visit({ viewport: { width: 390, height: 800 }, colorScheme: "dark" }, async (page, take) => {
  await take("phone", false);
});

await browser.close();
stack.kill("SIGTERM");
