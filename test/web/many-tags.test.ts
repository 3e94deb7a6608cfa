import assert from "node:assert/strict";
import { test } from "node:test";
import { oci } from "../harness/registry-content.ts";
import { axeFaults } from "./harness/axe.ts";
import { needsBrowser } from "./harness/browser.ts";
import { describedImage } from "./harness/described-image.ts";
import { visit } from "./harness/visit.ts";

test("a long list comes page by page, and can be filtered", needsBrowser(), async () => {
  await using at = await visit();
  const { page, registry } = at;
  const image = describedImage();
  await registry.push("team/app", image, "t0");
  const names = Array.from({ length: 70 }, (_, at) => `t${at}`);
  for (const name of names) await registry.putManifest("team/app", name, image.bytes, image.mediaType);
  await at.signIn(at.anna);
  await page.goto("/r/team/app");
  const tags = page.getByRole("rowheader");
  await page.getByRole("button", { name: "Show more" }).click();
  await tags.nth(69).waitFor();
  assert.deepEqual((await tags.allInnerTexts()).sort(), names.sort());
  assert.equal(await page.getByRole("button", { name: "Show more" }).count(), 0);

  await page.getByLabel("Filter tags").fill("69");
  await tags.nth(1).waitFor({ state: "detached" });
  assert.deepEqual(await tags.allInnerTexts(), ["t69"]);
  await page.getByLabel("Filter tags").fill("no such");
  await page.getByText("No tag of team/app contains “no such”.").waitFor();
  assert.deepEqual(await axeFaults(page), []);
  at.assertNoComplaint();
});

test("a signature's tag is folded into the tag that it is about", needsBrowser(), async () => {
  await using at = await visit();
  const { page, registry } = at;
  const image = describedImage();
  await registry.push("team/app", image, "v1");
  await registry.push("team/app", oci.image(), `${image.digest.replace(":", "-")}.sig`);
  await at.signIn(at.anna);
  await page.goto("/r/team/app");
  await page.getByRole("link", { name: "signature of v1" }).waitFor();
  assert.equal(await page.getByRole("rowheader").count(), 1);
  at.assertNoComplaint();
});
