import assert from "node:assert/strict";
import { test } from "node:test";
import { needsBrowser } from "./harness/browser.ts";
import { describedImage } from "./harness/described-image.ts";
import { cookiesOfScripts, focusIsIn } from "./harness/in-page.ts";
import { visit } from "./harness/visit.ts";

test(
  "signing in leads back to the place that asked for it, signing out shuts it again",
  needsBrowser(),
  async () => {
    await using at = await visit();
    const { page } = at;
    await at.registry.push("team/app", describedImage(), "v1");

    await page.goto("/");
    await page.getByText("Nothing here is open to everybody.").waitFor();
    await page.goto("/r/team/app");
    const fault = page.getByRole("alert").getByRole("link", { name: "Sign in" });
    await fault.click();
    assert.ok(await focusIsIn(page, "h1"));

    await page.getByLabel("Name").fill("anna");
    await page.getByLabel("Password").fill("a wrong one");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").filter({ hasText: /\w/ }).waitFor();
    await page.getByLabel("Password").fill(at.anna.secret);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { level: 1, name: "team/app" }).waitFor();
    await page.getByRole("link", { name: "v1", exact: true }).waitFor();

    // A load keeps who is there; scripts never see the cookie.
    await page.reload();
    await page.locator(".signed-in").getByText("Signed in as anna").waitFor();
    assert.doesNotMatch(await cookiesOfScripts(page), /berth/);

    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("Nothing here is open to everybody.").waitFor();
    at.assertNoComplaint();
  },
);

test("the way back from signing in stays on the page", needsBrowser(), async () => {
  await using at = await visit();
  const { page } = at;
  for (const then of ["//example.org/", "/\\example.org/", "https://example.org/", "javascript:alert(1)"]) {
    await page.context().clearCookies();
    await page.goto(`/sign-in?then=${encodeURIComponent(then)}`);
    await page.getByLabel("Name").fill("anna");
    await page.getByLabel("Password").fill(at.anna.secret);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { level: 1, name: "Repositories" }).waitFor();
    assert.equal(page.url(), `${at.house.url}/`);
  }
});

test("people without rights are shown no button that would be refused", needsBrowser(), async () => {
  const policy = "  rules:\n    - { repositories: 'team/**', who: 'user:reader', allow: pull }";
  await using at = await visit({}, policy);
  const { page } = at;
  await at.registry.push("team/app", describedImage(), "v1");
  await at.signIn(await at.house.addUser("reader"));
  await page.goto("/r/team/app");
  await page.getByRole("button", { name: "Copy the pull command of v1" }).waitFor();
  for (const name of [/^Delete tag/, /^Set another tag/, /^Pin/])
    assert.equal(await page.getByRole("button", { name }).count(), 0);
  at.assertNoComplaint();
});

test("a session that ended is said at the next change", needsBrowser(), async () => {
  await using at = await visit();
  const { page } = at;
  await at.registry.push("team/app", describedImage(), "v1");
  await at.signIn(at.anna);
  await page.goto("/r/team/app");
  await page.getByRole("button", { name: "Delete tag v1" }).click();
  await page.context().clearCookies();
  await page.getByRole("button", { name: "Delete v1" }).click();
  await page.getByRole("dialog").getByRole("alert").filter({ hasText: /\w/ }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("banner").getByRole("link", { name: "Sign in" }).waitFor();
});
