import type { ContainerRecord } from "#core/engine/container.ts";
import type { RuntimeFacts } from "#core/engine/runtime.ts";
import type { RuntimeProcess } from "#oci/runtime-spec.ts";
import { capabilitySet } from "../capabilities.ts";
import type { ResolvedUser } from "./resolve-user.ts";
import { readSecurityOptions } from "./security-options.ts";

const standardPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface ProcessOrder {
  record: ContainerRecord;
  facts: Pick<RuntimeFacts, "capabilities" | "appArmor">;
  user: ResolvedUser;
  args: readonly string[];
  /** Beside the container's own; a later one of a name counts, a name alone takes it away. */
  env?: readonly string[];
  /** "": the container's. */
  cwd?: string;
  tty: boolean;
  /** With all that the engine itself may do. */
  privileged: boolean;
  size?: { rows: number; columns: number };
}

/** A process of a container: its first one, or one of `exec`. */
export function buildProcess(order: ProcessOrder): RuntimeProcess {
  const { record, facts, user, privileged, tty, size } = order;
  const { config, host } = record;
  const { noNewPrivileges, appArmor } = readSecurityOptions(host.SecurityOpt);
  const process: RuntimeProcess = {
    terminal: tty,
    user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
    args: [...order.args],
    env: environment(record, tty, order.env ?? []),
    cwd: (order.cwd ?? "") || config.WorkingDir || "/",
    capabilities: capabilitiesOf(record, user, privileged, facts.capabilities),
  };
  if (tty && size) process.consoleSize = { height: size.rows, width: size.columns };
  if (noNewPrivileges) process.noNewPrivileges = true;
  if (facts.appArmor) {
    const profile = appArmor ?? (privileged ? "unconfined" : undefined);
    if (profile !== undefined && profile !== "") process.apparmorProfile = profile;
  }
  return process;
}

function capabilitiesOf(
  { host }: ContainerRecord,
  user: ResolvedUser,
  privileged: boolean,
  possible: readonly string[],
): NonNullable<RuntimeProcess["capabilities"]> {
  const set = capabilitySet({ privileged, add: host.CapAdd, drop: host.CapDrop, possible });
  // Others than root get none by themselves, only by programs that carry them.
  return user.uid === 0 ? { bounding: set, effective: set, permitted: set } : { bounding: set };
}

function environment({ config }: ContainerRecord, tty: boolean, more: readonly string[]): string[] {
  const values = new Map<string, string>();
  const own = [standardPath, ...(config.Hostname === "" ? [] : [`HOSTNAME=${config.Hostname}`])];
  for (const entry of [...own, ...(tty ? ["TERM=xterm"] : []), ...config.Env, ...more]) {
    const at = entry.indexOf("=");
    if (at < 0) values.delete(entry);
    else if (at > 0) values.set(entry.slice(0, at), entry);
  }
  return [...values.values()];
}
