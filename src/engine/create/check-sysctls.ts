import type { HostConfig } from "#core/engine/container-config.ts";
import { AppError } from "#core/errors.ts";

/** Of the namespace of inter-process communication. */
const ofIpc: ReadonlySet<string> = new Set(
  "msgmax msgmnb msgmni sem shmall shmmax shmmni shm_rmid_forced".split(" ").map((name) => `kernel.${name}`),
);
const namePattern = /^[A-Za-z0-9_-]+(?:[./][A-Za-z0-9_-]+)+$/;

/** Only settings of a namespace of the container's own: every other one would be the host's. Throws engine-invalid. */
export function checkSysctls(
  host: Pick<HostConfig, "Sysctls" | "NetworkMode" | "IpcMode" | "UTSMode">,
): void {
  const refused = (name: string, why: string) =>
    new AppError("engine-invalid", `sysctl ${JSON.stringify(name)} ${why}`);
  for (const written of Object.keys(host.Sysctls)) {
    const name = written.replaceAll("/", ".");
    if (!namePattern.test(written)) throw refused(written, "is not the name of a setting");
    if (name.startsWith("net.")) {
      if (host.NetworkMode === "host") throw refused(written, "not allowed in host network namespace");
    } else if (ofIpc.has(name) || name.startsWith("fs.mqueue.")) {
      if (host.IpcMode === "host") throw refused(written, "is not allowed in the hosts ipc namespace");
    } else if (name === "kernel.domainname") {
      if (host.UTSMode === "host") throw refused(written, "is not allowed in the hosts uts namespace");
    } else throw refused(written, "is not in a separate kernel namespace");
  }
}
