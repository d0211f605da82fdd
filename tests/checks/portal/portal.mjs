// The tenants' page in a real browser on a local stack: a webhook is made, tested, fails, is sent again, gets a new secret and
// is paused. Every page is looked through by axe, in both looks and as wide as a phone.
//
//   node portal.mjs STACK CHROMIUM

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { start, until } from "./world.mjs";

const [binary, executable] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const WIDE = { width: 1100, height: 800 };
const PHONE = { width: 360, height: 740 };

const world = await start(binary, executable);
let failed = 0;

/** One story; what it finds wrong is told, and the others are told as well. */
async function test(name, story) {
  try {
    await story();
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n${error.stack}`);
    const pages = world.browser.contexts().flatMap((context) => context.pages());
    for (const page of pages) console.log(`the page then, ${page.url()}:\n${await page.locator("main").innerText()}`);
  }
}

/** A visitor of a shop's page, who came by a new link. */
async function visit(shop, capabilities, options = {}) {
  const link = await world.call("POST", `/v1/tenants/${shop}/portal-links`, { capabilities });
  const context = await world.browser.newContext({ viewport: WIDE, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  page.faults = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(world.api)) page.faults.push(`it asks ${request.url()}`);
  });
  page.on("console", (message) => {
    // A form that was refused on purpose, or a page, is in the console as well.
    if (message.type() === "error" && !/status of (422|403)/.test(message.text())) page.faults.push(message.text());
  });
  page.on("pageerror", (error) => page.faults.push(error.message));
  await page.goto(link.url);
  return page;
}

/** The end of a visit: the browser had nothing to complain of, and asked nobody else. */
async function leave(page) {
  await page.context().close();
  assert.deepEqual(page.faults, []);
}

/** What axe finds wrong with a page, light and dark, wide and narrow: nothing. */
async function check(page, name) {
  await page.evaluate(axe);
  for (const colorScheme of ["light", "dark"]) {
    for (const viewport of [WIDE, PHONE]) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      const { violations } = await page.evaluate((values) => window.axe.run({ runOnly: { type: "tag", values } }), RULES);
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
      const where = `${name}, ${colorScheme}, ${viewport.width} pixels wide`;
      assert.deepEqual(found, [], where);
      const over = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        const all = scrollWidth > clientWidth ? [...document.querySelectorAll("main *")] : [];
        const wide = all.filter((element) => !element.closest(".scroll, pre") && element.getBoundingClientRect().right > clientWidth);
        return wide.map((element) => element.outerHTML.slice(0, 80));
      });
      assert.deepEqual(over, [], `${where}: too wide`);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(WIDE);
}

async function shop(id) {
  await world.call("PUT", `/v1/tenants/${id}`, { name: id });
}

for (const [name, description, example] of [
  ["order.created", "An order was placed", { order: "o_1", total: 129.5, currency: "NOK", lines: [{ sku: "A-1", quantity: 2 }] }],
  ["order.cancelled", "An order was cancelled", { order: "o_1", reason: "sold out" }],
  ["invoice.paid", "An invoice was paid", { invoice: "i_7" }],
]) {
  await world.call("PUT", `/v1/event-types/${name}`, { description, example });
}

await test("a webhook is made, tested, fails, is resent, gets a new secret, is paused and deleted", async () => {
  await shop("shop-1");
  world.receiver.answer = 200;
  const page = await visit("shop-1", ["manage", "resend"]);
  assert.equal(new URL(page.url()).search, "", "the token left the address");
  await page.getByText("There is none yet").waitFor();
  await check(page, "empty");

  // Made, with a fault at first.
  await page.getByRole("link", { name: "Add a webhook" }).click();
  await page.getByLabel("URL of your server").fill("https://name:word@example.com/webhooks");
  await page.getByLabel("Search").fill("order");
  await page.getByLabel("Search").press("Enter");
  await page.getByText("An invoice was paid").waitFor({ state: "hidden" });
  await page.getByLabel("order.created").check();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("contains a user name").waitFor();
  assert.ok(await page.getByRole("alert").evaluate((fault) => fault === document.activeElement), "the fault has the focus");
  assert.ok(await page.getByLabel("order.created").isChecked(), "what was entered is still there");
  await check(page, "refused");
  await page.getByLabel("URL of your server").fill(world.receiver.url);
  await page.getByLabel("Description").fill("Our stock system");
  await page.getByText("Example", { exact: true }).first().click();
  await check(page, "new");
  await page.getByRole("button", { name: "Save" }).click();

  // Its secret, and how to verify.
  await page.getByText("Show the secret").click();
  const secret = await page.locator("#secret").textContent();
  assert.match(secret, /^whsec_/);
  await page.getByText("Node.js").click();
  await check(page, "secret");

  // Tested: the example of the chosen type goes out, signed.
  await page.getByRole("link", { name: "Test" }).click();
  await page.getByLabel("Event type").selectOption("order.cancelled");
  await until("the other type's example", async () => (await page.getByLabel("Data").inputValue()).includes("sold out"));
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByRole("heading", { name: "Response" }).waitFor();
  assert.equal(world.receiver.got.length, 1);
  assert.deepEqual(JSON.parse(world.receiver.got[0].body).data, { order: "o_1", reason: "sold out" });
  assert.ok((await page.locator(".sides").textContent()).includes(world.receiver.got[0].headers["webhook-signature"]));
  await check(page, "test");
  await page.getByLabel("Data").fill("{ order: 1 }");
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByRole("alert").filter({ hasText: "not JSON" }).waitFor();

  // Published while the receiver answers with a redirect: the log shows it by itself, with what to do.
  await page.getByRole("link", { name: "Deliveries" }).click();
  const rows = page.locator("tbody tr");
  assert.equal(await rows.count(), 1, "the test is in the log");
  const { items } = await world.call("GET", "/v1/tenants/shop-1/subscriptions");
  const subscription = `/v1/tenants/shop-1/subscriptions/${items[0].id}`;
  await world.call("PATCH", subscription, { overrides: { retry_waits_seconds: [3600] } });
  world.receiver.answer = 301;
  for (let order = 0; order < 3; order += 1) {
    await world.call("POST", "/v1/tenants/shop-1/events", { type: "order.created", data: { order } });
  }
  await until("the log shows them without being asked", async () => (await rows.count()) === 4);
  await page.getByRole("link", { name: "order.created" }).first().click();
  await page.getByText("give the final URL").first().waitFor();
  await check(page, "delivery");

  // Repaired: one is resent, and the page follows it until it is delivered.
  world.receiver.answer = 200;
  await page.getByRole("button", { name: "Resend now" }).click();
  await page.locator("#delivery").getByText("delivered", { exact: true }).waitFor();
  await page.getByText("resent on request").waitFor();

  // All that failed, with a progress bar. By now it is a webhook without retries: what fails has failed.
  await world.call("PATCH", subscription, { overrides: { retry_waits_seconds: [] } });
  world.receiver.answer = 500;
  await page.getByRole("link", { name: "Deliveries" }).click();
  for (let order = 3; order < 8; order += 1) {
    await world.call("POST", "/v1/tenants/shop-1/events", { type: "order.created", data: { order } });
  }
  await until("five failed", async () => (await page.locator(".status.exhausted").count()) === 5);
  await page.getByLabel("Status").selectOption("exhausted");
  await page.getByRole("button", { name: "Show" }).click();
  await until("the others are not shown", async () => (await rows.count()) === 5);
  await check(page, "deliveries");
  await page.getByLabel("Response").selectOption("4xx");
  await page.getByRole("button", { name: "Show" }).click();
  await page.getByText("Nothing matches").waitFor();
  // Of all types and times: five that failed, and two whose next attempt is an hour away.
  world.receiver.answer = 200;
  await page.locator("summary", { hasText: "Resend what failed" }).click();
  await page.getByRole("button", { name: "Resend all that failed" }).click();
  await page.getByText("7 of 7").waitFor();
  await page.getByText("Status: done").waitFor({ timeout: 30_000 });
  assert.equal(await page.getByRole("progressbar").evaluate((bar) => bar.value / bar.max), 1);
  await check(page, "resend");

  // How it went: numbers and plots.
  await page.goto(`${world.api}/portal/subscriptions/${items[0].id}`);
  await page.getByRole("img", { name: /deliveries in 24 hours/ }).waitFor();
  await check(page, "subscription");
  await page.getByRole("link", { name: "Show 7 days" }).click();
  await page.getByRole("img", { name: /deliveries in 168 hours/ }).waitFor();

  // A new secret; the old one signs as well for a while.
  await page.getByRole("link", { name: "Secret" }).click();
  await page.getByRole("button", { name: "Rotate" }).click();
  await page.getByText("The previous one signs as well").waitFor();
  await page.getByText("Show the secret").click();
  assert.notEqual(await page.locator("#secret").textContent(), secret);

  // Edited, paused, resumed, deleted.
  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("Description").fill("Our new stock system");
  await page.getByRole("checkbox", { name: "order.*" }).check();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Our new stock system").waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("events are kept").waitFor();
  await page.getByRole("link", { name: "Webhooks" }).click();
  await page.getByText("paused").waitFor();
  await check(page, "subscriptions");
  await page.getByRole("link", { name: world.receiver.url }).click();
  await page.getByRole("button", { name: "Resume" }).click();

  // Disabled by its receiver, and why; then enabled again.
  world.receiver.answer = 410;
  await world.call("POST", "/v1/tenants/shop-1/events", { type: "order.created", data: { order: 9 } });
  await until("it is disabled", async () => (await world.call("GET", subscription)).status === "disabled");
  await page.reload();
  await page.getByText("Disabled: the receiver answered 410").waitFor();
  await check(page, "disabled");
  await page.getByRole("link", { name: "Deliveries" }).click();
  assert.equal(await page.locator("summary").count(), 0, "nothing can be resent");
  await page.getByRole("link", { name: "Overview" }).click();
  world.receiver.answer = 200;
  await page.getByRole("button", { name: "Enable" }).click();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await page.getByText("Delete", { exact: true }).click();
  await page.getByRole("button", { name: "Delete this webhook" }).click();
  await page.getByText("There is none yet").waitFor();
  await leave(page);
});

for (const javaScriptEnabled of [true, false]) await test(`everything works by the keyboard, ${javaScriptEnabled ? "with" : "without"} scripts`, async () => {
  const name = `shop-2-${javaScriptEnabled}`;
  await shop(name);
  world.receiver.answer = 200;
  const page = await visit(name, ["manage", "resend"], { javaScriptEnabled });
  /** Presses Tab until this has the focus. */
  const reach = async (found) => {
    for (let presses = 0; presses < 60; presses += 1) {
      if (await found.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`Tab does not reach ${found}`);
  };
  await reach(page.getByRole("link", { name: "Add a webhook" }));
  await page.keyboard.press("Enter");
  await reach(page.getByLabel("URL of your server"));
  await page.keyboard.type(world.receiver.url);
  await reach(page.getByRole("checkbox", { name: "order.*" }));
  await page.keyboard.press("Space");
  await reach(page.getByRole("button", { name: "Save" }));
  await page.keyboard.press("Enter");
  await reach(page.getByText("Show the secret"));
  await page.keyboard.press("Enter");
  await page.locator("#secret").waitFor();
  await reach(page.getByRole("link", { name: "Test" }));
  await page.keyboard.press("Enter");
  await reach(page.getByRole("button", { name: "Send a test" }));
  await page.keyboard.press("Enter");
  await page.getByText("answered 200").waitFor();
  world.receiver.answer = 500;
  await world.call("POST", `/v1/tenants/${name}/events`, { type: "order.created", data: 1 });
  await reach(page.getByRole("link", { name: "Deliveries" }));
  await page.keyboard.press("Enter");
  await page.waitForURL(/deliveries$/);
  const failed = page.locator("tbody tr").filter({ has: page.locator(".status.pending") });
  if (!javaScriptEnabled) await until("it has failed", async () => (await page.reload(), await failed.count()) === 1);
  await reach(failed.getByRole("link"));
  // It is still reached after the log was fetched again.
  if (javaScriptEnabled) await page.waitForResponse((answer) => answer.url().includes("/deliveries"));
  await page.keyboard.press("Enter");
  await page.getByText("Your server answered 500").first().waitFor();
  world.receiver.answer = 200;
  await reach(page.getByRole("button", { name: "Resend now" }));
  await page.keyboard.press("Enter");
  await page.waitForURL(/deliveries/);
  await reach(page.getByRole("link", { name: "Deliveries" }));
  await page.keyboard.press("Enter");
  await page.waitForURL(/deliveries$/);
  await reach(page.locator("summary", { hasText: "Resend what failed" }));
  await page.keyboard.press("Enter");
  await reach(page.getByRole("button", { name: "Resend all that failed" }));
  await page.keyboard.press("Enter");
  await page.getByText("Status:").waitFor();
  await reach(page.getByRole("link", { name: "Back to the deliveries" }));
  await page.keyboard.press("Enter");
  await page.waitForURL(/deliveries$/);
  await reach(page.getByRole("link", { name: "Overview" }));
  await page.keyboard.press("Enter");
  await reach(page.getByRole("button", { name: "Pause" }));
  await page.keyboard.press("Enter");
  await page.getByText("events are kept").waitFor();
  await leave(page);
});

await test("a visitor who may only look is offered nothing else", async () => {
  await shop("shop-3");
  const made = await world.call("POST", "/v1/tenants/shop-3/subscriptions", { url: world.receiver.url, event_types: ["*"] });
  const page = await visit("shop-3", []);
  assert.equal(await page.getByRole("link", { name: "Add a webhook" }).count(), 0);
  await page.getByRole("link", { name: made.url }).click();
  const tabs = await page.locator(".tabs a").allTextContents();
  assert.deepEqual(tabs, ["Overview", "Deliveries"]);
  assert.equal(await page.getByRole("button").count(), 0);
  await page.getByRole("link", { name: "Deliveries" }).click();
  assert.deepEqual(await page.getByRole("button").allTextContents(), ["Show"]);
  // What is not offered is refused as well.
  const answer = await page.goto(`${world.api}/portal/subscriptions/${made.id}/secret`);
  assert.equal(answer.status(), 403);
  await check(page, "not-permitted");
  await leave(page);
});

await test("the office that the deployment names shows the page in a frame, and no other does", async () => {
  await shop("shop-4");
  for (const office of [world.known, world.stranger]) {
    const link = await world.call("POST", "/v1/tenants/shop-4/portal-links", { capabilities: ["manage"] });
    office.frame = link.url;
    const context = await world.browser.newContext({ viewport: WIDE });
    const page = await context.newPage();
    const blocked = [];
    page.on("console", (message) => blocked.push(message.text()));
    await page.goto(office.url);
    const frame = page.frameLocator("iframe");
    if (office === world.known) {
      // The cookie is kept across the site's border, and a form is the page's own.
      await frame.getByRole("link", { name: "Add a webhook" }).click();
      await frame.getByLabel("URL of your server").fill(world.receiver.url);
      await frame.getByRole("checkbox", { name: "order.*" }).check();
      await frame.getByRole("button", { name: "Save" }).click();
      await frame.getByText("Show the secret").waitFor();
      assert.deepEqual(blocked, []);
    } else {
      await until("the frame is blocked", () => blocked.some((text) => text.includes("frame-ancestors")));
      assert.equal(await frame.getByRole("link").count(), 0);
    }
    await context.close();
  }
});

await world.stop();
if (failed > 0) process.exit(1);
