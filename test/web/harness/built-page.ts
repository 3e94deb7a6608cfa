import { execFile } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "../../..");

/** Builds the page, unless what lies in dist/web is newer than all of its sources. */
export async function builtPage(): Promise<void> {
  const built = statSync(join(root, "dist/web/index.html"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync(join(root, "src/web"), { recursive: true, withFileTypes: true });
  const newest = Math.max(
    ...sources
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => statSync(join(parentPath, name)).mtimeMs),
  );
  if (newest < built) return;
  await promisify(execFile)(process.execPath, [join(root, "src/web/build.ts")], { timeout: 60_000 });
}
