import { execFile } from "node:child_process";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { RuntimeSpec } from "#oci/runtime-spec.ts";

/** Fills `folder` with a root file system of Debian's static busybox, all of its applets linked. */
export async function busyboxRoot(folder: string): Promise<string> {
  for (const path of ["bin", "etc", "proc", "sys", "dev", "tmp", "root"])
    await mkdir(join(folder, path), { recursive: true });
  await copyFile("/bin/busybox", join(folder, "bin/busybox"));
  // Links, relative: --install makes hard links of its own path.
  const { stdout } = await promisify(execFile)("/bin/busybox", ["--list"]);
  await promisify(execFile)("sh", [
    "-c",
    'cd "$1/bin" && shift && for name; do [ "$name" = busybox ] || ln -sf busybox "$name"; done',
    "sh",
    folder,
    ...stdout.trim().split("\n"),
  ]);
  await writeFile(join(folder, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  return folder;
}

/** A container's spec with no more than it needs to run `args` in that root. */
export function plainSpec(
  root: string,
  cgroupsPath: string,
  args: string[],
  process: Partial<RuntimeSpec["process"]> = {},
): RuntimeSpec {
  const plain = ["nosuid", "noexec", "nodev"];
  return {
    ociVersion: "1.0.2",
    hostname: "test",
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      args,
      env: ["PATH=/bin"],
      cwd: "/",
      ...process,
    },
    root: { path: root, readonly: false },
    mounts: [
      { destination: "/proc", type: "proc", source: "proc", options: plain },
      { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755", "size=65536k"] },
      {
        destination: "/dev/pts",
        type: "devpts",
        source: "devpts",
        options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
      },
    ],
    linux: {
      namespaces: (["mount", "uts", "pid", "ipc", "network"] as const).map((type) => ({ type })),
      cgroupsPath,
      resources: {},
    },
  };
}
