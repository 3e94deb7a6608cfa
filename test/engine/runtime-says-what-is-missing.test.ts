import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "#kit/find-program.ts";
import { engineTest } from "./harness/needs.ts";

const run = promisify(execFile);

/** Opens the runtime where these programs aren't there, in a mount namespace of its own. */
async function openWithout(programs: readonly string[], runFolder: string): Promise<string> {
  const hide = programs.map((name) => `mount --bind /dev/null ${findProgram(name)}`).join(" && ");
  const script = `
    import { openRuntime } from "#adapters/oci-runtime/runtime.ts";
    const log = () => undefined;
    const runtime = await openRuntime({ runFolder: ${JSON.stringify(runFolder)}, log }).catch((error) => error);
    console.log(runtime.code ?? "", runtime.message ?? runtime.facts.name);
  `;
  const { stdout } = await run(
    "unshare",
    [
      "--mount",
      "sh",
      "-c",
      `${hide} && exec "$@"`,
      "sh",
      process.execPath,
      "--conditions=berth-src",
      "--input-type=module",
      "--eval",
      script,
    ],
    { cwd: join(import.meta.dirname, "../..") },
  );
  return stdout.trim();
}

engineTest("without a part the engine says which one, and the line that installs it", async (context) => {
  const runFolder = await mkdtemp("/run/berth-missing-");
  context.after(() => rm(runFolder, { recursive: true, force: true }));
  const line = "apt-get install crun conmon iproute2 iptables tini";
  assert.equal(
    await openWithout(["conmon", "crun", "runc"], runFolder),
    `unavailable The engine can't run containers without crun (or runc), conmon. On Debian and Ubuntu: ${line}`,
  );
  assert.equal(
    await openWithout(["ip"], runFolder),
    `unavailable The engine can't run containers without ip. On Debian and Ubuntu: ${line}`,
  );
  assert.equal(await openWithout(["crun"], runFolder), "runc");
  assert.equal(await openWithout(["runc"], runFolder), "crun");
});
