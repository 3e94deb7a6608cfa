import assert from "node:assert/strict";
import { test } from "node:test";
import { axeFaults } from "./harness/axe.ts";
import { needsBrowser } from "./harness/browser.ts";
import { visit } from "./harness/visit.ts";

// The other tests are worth as much as these.
test("what the page's policy forbids is refused and told to the tests", needsBrowser(), async () => {
  await using at = await visit();
  const { page } = at;
  await page.goto("/");
  await page.locator("h1").waitFor();
  at.assertNoComplaint();
  await page.evaluate(`document.querySelector("h1").setAttribute("style", "color: red")`);
  await page.evaluate(
    `document.body.append(Object.assign(document.createElement("script"), { text: "document.title = 1" }))`,
  );
  await page.evaluate(
    `document.body.append(Object.assign(new Image(), { alt: "", src: "http://127.0.0.1:9/x.png" }))`,
  );
  assert.notEqual(await page.title(), "1");
  for (const directive of [/style-src/, /script-src/, /img-src/])
    assert.throws(at.assertNoComplaint, directive);
});

test("axe is heard", needsBrowser(), async () => {
  await using at = await visit();
  await at.page.goto("/");
  await at.page.locator("h1").waitFor();
  await at.page.evaluate(`document.querySelector("main").append(document.createElement("button"))`);
  assert.match((await axeFaults(at.page)).join(), /button-name/);
});
