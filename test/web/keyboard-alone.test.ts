import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { needsBrowser } from "./harness/browser.ts";
import { describedImage } from "./harness/described-image.ts";
import { focused, focusIsIn, ground } from "./harness/in-page.ts";
import { visit } from "./harness/visit.ts";

/** Presses Tab until something of that name has focus. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    if (name.test(await focused(page))) return;
  }
  assert.fail(`60 presses of Tab did not lead to ${String(name)}`);
}

test(
  "the keyboard alone signs in, finds an image, deletes a tag and restores it",
  needsBrowser(),
  async () => {
    await using at = await visit();
    const { page } = at;
    await at.registry.push("team/app", describedImage(), "v1");
    await at.registry.push("team/app", describedImage(), "v2");

    await page.goto("/");
    await tabTo(page, /^Sign in$/);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    // Focus is on the heading; the fields come next.
    await page.keyboard.press("Tab");
    await page.keyboard.type("anna");
    await page.keyboard.press("Tab");
    await page.keyboard.type(at.anna.secret);
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "team/app" }).waitFor();

    await page.keyboard.press("/");
    await page.keyboard.type("team");
    await tabTo(page, /^team\/app$/);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "team/app" }).waitFor();
    assert.equal(await focused(page), "team/app");
    await tabTo(page, /^Delete tag v1$/);

    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    // Focus stays inside of the dialog however often Tab is pressed.
    for (let presses = 0; presses < 6; presses += 1) {
      await page.keyboard.press("Tab");
      assert.equal(await focusIsIn(page, "header, table"), false);
    }
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    assert.equal(await focused(page), "Delete tag v1");
    await page.keyboard.press("Enter");
    await dialog.waitFor();
    await tabTo(page, /^Delete v1$/);
    await page.keyboard.press("Space");
    await page.locator("dialog").waitFor({ state: "detached" });
    await page.getByRole("link", { name: "v1", exact: true }).waitFor({ state: "detached" });
    assert.equal(await focused(page), "team/app");

    await page.keyboard.press("Shift+Tab");
    await tabTo(page, /^Skip to the content$|^Removed tags$/);
    if ((await focused(page)) !== "Removed tags") await tabTo(page, /^Removed tags$/);
    await page.keyboard.press("Enter");
    await tabTo(page, /^Restore team\/app:v1$/);
    await page.keyboard.press("Enter");
    await page.getByText("No tag was removed lately.").waitFor();
    assert.equal(await focused(page), "Removed tags");
    at.assertNoComplaint();
  },
);

test("the first Tab offers a way past the navigation", needsBrowser(), async () => {
  await using at = await visit();
  const { page } = at;
  await page.goto("/");
  await page.locator("h1").waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "Skip to the content");
  await page.keyboard.press("Enter");
  assert.ok(await focusIsIn(page, "#content"));
});

test("light or dark is chosen once and kept", needsBrowser(), async () => {
  await using at = await visit({ theme: "light" });
  const { page } = at;
  await page.goto("/");
  const light = await ground(page);
  await page.getByLabel("Colours").selectOption("dark");
  const dark = await ground(page);
  assert.notEqual(dark, light);
  await page.reload();
  await page.locator("h1").waitFor();
  assert.equal(await ground(page), dark);
  await page.getByLabel("Colours").selectOption("auto");
  assert.equal(await ground(page), light);
  await page.emulateMedia({ colorScheme: "dark" });
  assert.equal(await ground(page), dark);
  at.assertNoComplaint();
});
