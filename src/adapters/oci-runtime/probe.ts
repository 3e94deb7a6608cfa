import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runProgram } from "#kit/run-program.ts";
import type { RuntimeSpec } from "#oci/runtime-spec.ts";

const patience = 20_000;
const program = "/there-is-no-such-program";

/**
 * Whether a runtime can make containers here, tried with one whose program isn't there: it fails at that, the last step,
 * when everything before it (namespaces, cgroups, mounts) works. So nothing of this host has to run in it.
 * @returns its words when it can't
 */
export async function probe(runtime: string, root: string, folder: string): Promise<string | undefined> {
  const id = `probe-${randomBytes(6).toString("hex")}`;
  const bundle = await mkdtemp(join(folder, "probe-"));
  try {
    for (const name of ["proc", "dev"]) await mkdir(join(bundle, "rootfs", name), { recursive: true });
    await writeFile(join(bundle, "config.json"), JSON.stringify(spec(join(bundle, "rootfs"), id)));
    const made = await runProgram(runtime, ["--root", root, "create", "--bundle", bundle, id], {
      cwd: bundle,
      timeout: patience,
    });
    await runProgram(runtime, ["--root", root, "delete", "--force", id], { timeout: patience });
    const words = made.stderr.trim();
    if (words.includes(program) && /not found|no such file/i.test(words)) return undefined;
    return words === "" ? `it ended with ${made.code} and said nothing` : words;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await rm(bundle, { recursive: true, force: true });
  }
}

function spec(path: string, id: string): RuntimeSpec {
  return {
    ociVersion: "1.0.2",
    process: { terminal: false, user: { uid: 0, gid: 0 }, args: [program], env: [], cwd: "/" },
    root: { path, readonly: true },
    mounts: [{ destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] }],
    linux: {
      namespaces: (["mount", "uts", "pid", "ipc", "network"] as const).map((type) => ({ type })),
      cgroupsPath: `/berth-${id}`,
      resources: {},
    },
  };
}
