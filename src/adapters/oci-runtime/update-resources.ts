import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import { runProgram } from "#kit/run-program.ts";
import type { RuntimeResources } from "#oci/runtime-spec.ts";

const patience = 30_000;

/** Through a file: crun opens `-` by the name of its stdin, which can't be done with a socket. */
export async function updateResources(
  program: string,
  root: string,
  id: string,
  resources: RuntimeResources,
): Promise<void> {
  const file = join(root, `.update-${randomUUID()}`);
  try {
    await writeFile(file, JSON.stringify(resources), { mode: 0o600 });
    const { code, stderr } = await runProgram(program, ["--root", root, "update", "--resources", file, id], {
      timeout: patience,
    });
    if (code !== 0) throw new AppError("engine-failed", `Cannot update container ${id}: ${stderr.trim()}`);
  } finally {
    await rm(file, { force: true });
  }
}
