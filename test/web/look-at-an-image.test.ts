import assert from "node:assert/strict";
import { test } from "node:test";
import { oci } from "../harness/registry-content.ts";
import { needsBrowser } from "./harness/browser.ts";
import { describedImage } from "./harness/described-image.ts";
import { clipboard } from "./harness/in-page.ts";
import { visit } from "./harness/visit.ts";

test(
  "an image is found by a part of its name and shown with what it is made of",
  needsBrowser(),
  async () => {
    await using at = await visit();
    const { page } = at;
    const image = describedImage({ labels: { team: "harbour" } });
    await at.registry.push("team/harbour-app", image, "v1");
    await at.registry.push("other/thing", describedImage(), "v1");
    await at.signIn(at.anna);

    await page.keyboard.press("/");
    await page.keyboard.type("harbour");
    await page.getByRole("link", { name: "other/thing" }).waitFor({ state: "detached" });
    assert.equal(new URL(page.url()).search, "?contains=harbour");
    await page.getByRole("link", { name: "team/harbour-app" }).click();

    const row = page.getByRole("row").filter({ has: page.getByRole("link", { name: "v1", exact: true }) });
    await row.getByText("amd64").waitFor();
    await row.getByText(/^10\d KB$/).waitFor();
    await row.getByRole("link", { name: "v1", exact: true }).click();

    await page.getByRole("heading", { level: 1, name: "team/harbour-app:v1" }).waitFor();
    const steps = page.getByRole("table", { name: "Layers" }).getByRole("row");
    const said = (await steps.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, " "));
    assert.equal(said.length, 5);
    assert.match(said[1] ?? "", /ADD file:base in \/.*4\.00 KB.*4 %/);
    assert.match(said[2] ?? "", /RUN make install.*90\.0 KB.*90 %/);
    assert.match(said[3] ?? "", /ENV MODE=production.*no layer/);
    assert.match(said[4] ?? "", /COPY dist \/srv.*6\.00 KB.*6 %/);
    await page.getByText('/bin/serve --greeting "good morning"').waitFor();
    await page.getByText("harbour", { exact: true }).waitFor();
    at.assertNoComplaint();
  },
);

test("the command and the digest to copy are those of the image", needsBrowser(), async () => {
  await using at = await visit();
  const { page } = at;
  const image = describedImage();
  await at.registry.push("team/app", image, "v1");
  await at.signIn(at.anna);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/r/team/app");
  await page.getByRole("button", { name: "Copy the pull command of v1" }).click();
  await page.getByRole("status").filter({ hasText: "docker pull" }).waitFor();
  assert.equal(await clipboard(page), `docker pull ${new URL(at.house.url).host}/team/app:v1`);
  await page.getByRole("button", { name: /^Copy the digest/ }).click();
  await page.getByRole("status").filter({ hasText: image.digest }).waitFor();
  assert.equal(await clipboard(page), image.digest);
  at.assertNoComplaint();
});

test("an image for two platforms shows each, and what is about it", needsBrowser(), async () => {
  await using at = await visit();
  const { page } = at;
  const [amd, arm] = [describedImage(), describedImage({ architecture: "arm64" })];
  for (const image of [amd, arm]) await at.registry.push("team/app", image);
  const of = (image: typeof amd, architecture: string) => ({
    ...image.descriptor,
    platform: { os: "linux", architecture },
  });
  const index = oci.index({ manifests: [of(amd, "amd64"), of(arm, "arm64")] });
  await at.registry.push("team/app", index, "v1");
  const sbom = oci.image({ artifactType: "application/spdx+json", subject: index.descriptor });
  await at.registry.push("team/app", sbom);
  await at.signIn(at.anna);

  await page.goto("/r/team/app?tag=v1");
  await page.getByRole("heading", { name: "Layers of linux/amd64" }).waitFor();
  await page.getByRole("link", { name: /^linux\/arm64/ }).click();
  await page.getByRole("heading", { name: "Layers of linux/arm64" }).waitFor();
  const referrers = page.getByRole("table", { name: "About the index" });
  await referrers.getByText("SBOM").waitFor();
  await referrers.getByRole("link").click();
  await page.getByRole("definition").filter({ hasText: "application/spdx+json" }).waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "Layers of linux/arm64" }).waitFor();
  at.assertNoComplaint();
});

test(
  "HTML in labels, annotations and names stays text, and only web addresses become links",
  needsBrowser(),
  async () => {
    await using at = await visit();
    const { page } = at;
    const hostile = '<img src="x" onerror="document.title=1"><script>document.title=2</script>';
    const labels = { [hostile]: hostile, docs: "https://example.org/a?b=<c>", run: "javascript:alert(1)" };
    const annotations = {
      note: hostile,
      data: "data:text/html,<script>alert(1)</script>",
      site: "http://example.org/",
    };
    await at.registry.push("team/app", describedImage({ labels, annotations }), "v1");
    await at.signIn(at.anna);
    await page.goto("/r/team/app?tag=v1");
    await page.getByRole("heading", { name: "Annotations" }).waitFor();
    assert.equal(await page.getByText(hostile, { exact: true }).count(), 3);
    assert.equal(await page.locator("main img, main script").count(), 0);
    assert.match(await page.title(), /^team\/app:v1/);
    const links = await page.locator("dl a[target]").all();
    assert.deepEqual(
      await Promise.all(
        links.map(async (link) => [await link.getAttribute("href"), await link.getAttribute("rel")]),
      ),
      [
        ["https://example.org/a?b=%3Cc%3E", "noopener noreferrer"],
        ["http://example.org/", "noopener noreferrer"],
      ],
    );
    at.assertNoComplaint();
  },
);
