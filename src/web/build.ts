import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import { build } from "esbuild";

/**
 * `npm run build:web`: the page of this folder → dist/web. index.html names everything else by its hash, so that
 * whatever lies in assets/ may be cached for ever.
 */
const here = import.meta.dirname;
const root = resolve(here, "../..");
const target = join(root, "dist/web");

await rm(target, { recursive: true, force: true });
await mkdir(join(target, "assets"), { recursive: true });

const { outputFiles } = await build({
  absWorkingDir: here,
  entryPoints: { page: "main.tsx", "early-theme": "early-theme.ts", style: "style/page.css" },
  outdir: target,
  entryNames: "assets/[name]-[hash]",
  assetNames: "assets/[name]-[hash]",
  bundle: true,
  write: false,
  minify: true,
  format: "iife",
  target: ["chrome111", "firefox114", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  loader: { ".svg": "file" },
  legalComments: "none",
  logLevel: "warning",
});

const files = new Map(
  outputFiles.map(({ path, contents }) => [`assets/${basename(path)}`, Buffer.from(contents)]),
);
const html = (await readFile(join(here, "index.html"), "utf8")).replaceAll(
  /\{(\S+?)\}/g,
  (_, name: string) => `/${built(name)}`,
);
files.set("index.html", Buffer.from(html));
const licence = await readFile(join(root, "node_modules/preact/LICENSE"), "utf8");
files.set("licences.txt", Buffer.from(`The page contains Preact:\n\n${licence}`));

for (const [name, bytes] of files) await writeFile(join(target, name), bytes);

/** `page.js` → `assets/page-HASH.js`. */
function built(name: string): string {
  const extension = extname(name);
  const start = `assets/${basename(name, extension)}-`;
  const found = [...files.keys()].find((file) => file.startsWith(start) && file.endsWith(extension));
  if (found === undefined) throw new Error(`index.html asks for ${name}, which was not built`);
  return found;
}
