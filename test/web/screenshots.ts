import { mkdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { desk, phone, startBrowser } from "./harness/browser.ts";
import { builtPage } from "./harness/built-page.ts";
import { startMadeBerth } from "./harness/made-berth.ts";

/** `npm run screenshots`: the pictures of the README, of the page with made data, into docs/images. */
const folder = resolve(import.meta.dirname, "../../docs/images");
/** The README is loaded over slow lines, too. Bytes. */
const largest = 150_000;

const tags = "/r/team/shop";
const manifest = "/r/team/shop?tag=1.4.2";
const pictures = [
  ["tags-desk-light", tags, { ...desk, theme: "light" }],
  ["image-desk-dark", manifest, { ...desk, theme: "dark" }],
  ["activity-desk-light", "/activity", { ...desk, theme: "light" }],
  ["usage-desk-dark", "/usage", { ...desk, theme: "dark" }],
  ["tags-phone-dark", tags, { ...phone, theme: "dark" }],
  ["image-phone-light", manifest, { ...phone, theme: "light" }],
] as const;

await builtPage();
await mkdir(folder, { recursive: true });
await using made = await startMadeBerth();
await using browser = await startBrowser();
for (const [name, path, look] of pictures) {
  await using open = await browser.open(made.url, look);
  await open.page.goto(path);
  await open.page.locator("main h1").waitFor();
  await open.page.getByText("Loading…").first().waitFor({ state: "detached" });
  const file = join(folder, `${name}.png`);
  await open.page.screenshot({ path: file });
  const { size } = await stat(file);
  if (size > largest) throw new Error(`${file} has ${size} bytes, more than ${largest}`);
  process.stdout.write(`${file}: ${size} bytes\n`);
}
