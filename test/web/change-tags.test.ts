import assert from "node:assert/strict";
import { test } from "node:test";
import { needsBrowser } from "./harness/browser.ts";
import { describedImage } from "./harness/described-image.ts";
import { visit, type Visit } from "./harness/visit.ts";

const tag = ({ page }: Visit, name: string) => page.getByRole("link", { name, exact: true });

async function digestOf({ registry }: Visit, name: string): Promise<string | undefined> {
  const answer = await registry.head(`/v2/team/app/manifests/${name}`);
  return answer.status === 200 ? answer.headers.get("docker-content-digest") : undefined;
}

test("a deleted tag is gone for clients, and back when it is restored", needsBrowser(), async () => {
  await using at = await visit();
  const { page } = at;
  const image = describedImage();
  await at.registry.push("team/app", image, "v1");
  await at.registry.push("team/app", image, "v2");
  await at.signIn(at.anna);
  await page.goto("/r/team/app");

  await page.getByRole("button", { name: "Delete tag v1" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete tag v1?" });
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.locator("dialog").waitFor({ state: "detached" });
  assert.equal(await digestOf(at, "v1"), image.digest);

  await page.getByRole("button", { name: "Delete tag v1" }).click();
  await dialog.getByRole("button", { name: "Delete v1" }).click();
  await tag(at, "v1").waitFor({ state: "detached" });
  await tag(at, "v2").waitFor();
  assert.equal(await digestOf(at, "v1"), undefined);

  await page.getByRole("link", { name: "Removed tags" }).click();
  await page.getByRole("row").filter({ hasText: "team/app:v1" }).getByText("anna").waitFor();
  await page.getByRole("button", { name: "Restore team/app:v1" }).click();
  await page.getByText("No tag was removed lately.").waitFor();
  assert.equal(await digestOf(at, "v1"), image.digest);
  at.assertNoComplaint();
});

test("another tag is set on an image, and an old one moved to it", needsBrowser(), async () => {
  await using at = await visit();
  const { page } = at;
  const [one, two] = [describedImage(), describedImage()];
  await at.registry.push("team/app", one, "v1");
  await at.registry.push("team/app", two, "v2");
  await at.signIn(at.anna);
  await page.goto("/r/team/app");
  for (const name of ["stable", "v1"]) {
    await page.getByRole("button", { name: "Set another tag on v2" }).click();
    await page.getByRole("dialog").getByLabel("New tag").fill(name);
    await page.keyboard.press("Enter");
    await page.locator("dialog").waitFor({ state: "detached" });
    assert.equal(await digestOf(at, name), two.digest);
  }
  await tag(at, "stable").waitFor();
  at.assertNoComplaint();
});

test("a pinned tag says so, until it is unpinned", needsBrowser(), async () => {
  await using at = await visit();
  const { page } = at;
  await at.registry.push("team/app", describedImage(), "v1");
  await at.signIn(at.anna);
  await page.goto("/r/team/app");
  const pin = page.getByRole("button", { name: "Pin v1" });
  for (const pinned of [true, false]) {
    await pin.click();
    await page.locator(`button[aria-label="Pin v1"][aria-pressed="${pinned}"]`).waitFor();
    await page.reload();
    await page.locator(`button[aria-label="Pin v1"][aria-pressed="${pinned}"]`).waitFor();
  }
  at.assertNoComplaint();
});

test("a refusal is said in the dialog, which stays", needsBrowser(), async () => {
  await using at = await visit();
  const { page } = at;
  await at.registry.push("team/app", describedImage(), "v1");
  await at.signIn(at.anna);
  await page.goto("/r/team/app");
  await page.getByRole("button", { name: "Delete tag v1" }).click();
  // Somebody else was faster.
  await at.registry.remove("/v2/team/app/manifests/v1");
  await page.getByRole("button", { name: "Delete v1" }).click();
  await page.getByRole("dialog").getByRole("alert").filter({ hasText: /\w/ }).waitFor();
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
});
