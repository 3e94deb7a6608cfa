import { isAbsolute, join } from "node:path";
import type { Io } from "./io.ts";

/**
 * Where data goes when nobody says: `./data` in a checkout; for an installed Berth the state folder:
 * `$XDG_STATE_HOME/berth`, else `/var/lib/berth` for root and `~/.local/state/berth` for others.
 */
export function defaultDataFolder({ env, machine }: Pick<Io, "env" | "machine">): string {
  if (machine.fromSource) return "./data";
  const state = env["XDG_STATE_HOME"] ?? "";
  // The XDG specification says that a relative path there counts as not set.
  if (isAbsolute(state)) return join(state, "berth");
  return machine.root ? "/var/lib/berth" : join(machine.home, ".local", "state", "berth");
}
