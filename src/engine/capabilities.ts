import { allCapabilities } from "#oci/capability-names.ts";

/** What docker gives where nothing is asked for. */
export const defaultCapabilities: readonly string[] = (
  "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL " +
  "AUDIT_WRITE"
)
  .split(" ")
  .map((name) => `CAP_${name}`);

/** `net_admin`, `CAP_NET_ADMIN` → CAP_NET_ADMIN; `all` → ALL. Undefined: there is none of this name. */
export function parseCapability(text: string): string | undefined {
  const upper = text.toUpperCase();
  if (upper === "ALL") return upper;
  const name = upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
  return allCapabilities.includes(name) ? name : undefined;
}

/**
 * What a container gets: asked for and dropped are as `parseCapability` gives them; `possible` is what this process may
 * give. In docker's order: those of the default first.
 */
export function capabilitySet(wanted: {
  privileged: boolean;
  add: readonly string[];
  drop: readonly string[];
  possible: readonly string[];
}): string[] {
  const { privileged, add, drop, possible } = wanted;
  if (privileged) return allCapabilities.filter((name) => possible.includes(name));
  const base = add.includes("ALL") ? allCapabilities : drop.includes("ALL") ? [] : defaultCapabilities;
  const added = add.includes("ALL") ? [] : add;
  const kept = base.filter((name) => !drop.includes(name));
  return [...new Set([...kept, ...added])].filter((name) => possible.includes(name));
}
