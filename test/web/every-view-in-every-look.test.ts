import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { axeFaults } from "./harness/axe.ts";
import { desk, needsBrowser, phone, startBrowser } from "./harness/browser.ts";
import { builtPage } from "./harness/built-page.ts";
import { sideways } from "./harness/in-page.ts";
import { startMadeBerth } from "./harness/made-berth.ts";

const everyView = [
  "/",
  "/r/team/shop",
  "/r/team/shop?tag=1.4.2",
  "/r/team/shop?digest=sha256:ab",
  "/usage",
  "/upstreams",
  "/activity",
  "/health",
  "/containers",
  "/removed",
  "/sign-in",
  "/nowhere",
];

const looks = [desk, phone].flatMap((size) =>
  (["light", "dark"] as const).map((theme) => ({ ...size, theme })),
);

async function settled(page: Page): Promise<void> {
  await page.locator("main h1").waitFor();
  await page.getByText("Loading…").first().waitFor({ state: "detached" });
}

for (const [name, options, views] of [
  ["a full registry", {}, everyView],
  ["an empty registry", { empty: true }, ["/", "/r/team/shop", "/removed", "/upstreams", "/containers"]],
  ["somebody not signed in", { session: "nobody" }, ["/", "/sign-in", "/r/team/shop"]],
] as const) {
  test(`${name}: axe finds nothing, in light and dark, at desk and phone width`, needsBrowser(), async () => {
    await builtPage();
    await using made = await startMadeBerth(options);
    await using browser = await startBrowser();
    const found: string[] = [];
    for (const look of looks) {
      await using open = await browser.open(made.url, look);
      const { page, complaints } = open;
      for (const path of views) {
        await page.goto(path);
        await settled(page);
        const faults = [...(await axeFaults(page)), ...complaints.splice(0)];
        found.push(...faults.map((fault) => `${path} at ${look.width} in ${look.theme}: ${fault}`));
      }
    }
    assert.deepEqual(found, []);
  });
}

test("nothing scrolls sideways at any width", needsBrowser(), async () => {
  await builtPage();
  await using browser = await startBrowser();
  for (const empty of [false, true]) {
    await using made = await startMadeBerth({ empty });
    await using open = await browser.open(made.url);
    const { page } = open;
    for (const path of everyView) {
      await page.goto(path);
      await settled(page);
      for (const width of [360, 700, 900, 1130, 1280]) {
        await page.setViewportSize({ width, height: 640 });
        assert.equal(await sideways(page), 0, `${path} at ${width}`);
      }
    }
  }
});

test("menu, dialogs and logs pass axe on the narrowest phones", needsBrowser(), async () => {
  await builtPage();
  await using made = await startMadeBerth();
  await using browser = await startBrowser();
  for (const theme of ["light", "dark"] as const) {
    await using open = await browser.open(made.url, { width: 360, height: 640, theme });
    const { page } = open;
    await page.goto("/r/team/shop");
    await page.getByRole("button", { name: "Menu" }).click();
    await page.getByRole("link", { name: "Usage" }).waitFor();
    assert.deepEqual(await axeFaults(page), []);
    for (const name of ["Delete tag 1.4.1", "Set another tag on 1.4.1"]) {
      await page.getByRole("button", { name }).click();
      await page.getByRole("dialog").waitFor();
      assert.deepEqual(await axeFaults(page), []);
      await page.keyboard.press("Escape");
      await page.locator("dialog").waitFor({ state: "detached" });
    }
    await page.goto("/containers");
    await page.getByRole("button", { name: "Logs of shop-1" }).click();
    await page.getByText("GET /cart/3 ").waitFor();
    assert.deepEqual(await axeFaults(page), []);
    assert.equal(await sideways(page), 0, "logs");
    assert.deepEqual(open.complaints, []);
  }
});
