import { readdir, readFile, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import { shortHash } from "./short-hash.ts";

/**
 * Containers that run know the data folder by its path: one that was moved under them is refused, before anything is
 * started twice. Throws unavailable.
 */
export async function keepPlace(data: string, runFolder: string): Promise<void> {
  const file = join(data, "engine-place");
  const former = (await readFile(file, "utf8").catch(() => "")).trim();
  if (former === data) return;
  if (former !== "" && (await realpath(former).catch(() => "")) !== (await realpath(data))) {
    const left = await readdir(join(runFolder, shortHash(former), "containers")).catch(() => []);
    if (left.length > 0)
      throw new AppError(
        "unavailable",
        `engine.data was moved from ${former} to ${data} while containers run: move it back, start the engine, ` +
          "stop them (docker stop), stop the engine, and move it then",
      );
  }
  await writeFile(file, `${data}\n`, { mode: 0o644, flush: true });
}
