import type { Ulimit } from "#core/engine/container-config.ts";
import type { RuntimeProcess } from "#oci/runtime-spec.ts";

/** RLIM_INFINITY, all bits of 64: more than a number of ours can say, so it is written as these digits. */
const infinity = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(
  "18446744073709551615",
) as number;

/** `nofile=100:200` → RLIMIT_NOFILE. Checked, and within this process' own, at create. */
export function rlimitsOf(ulimits: readonly Ulimit[]): NonNullable<RuntimeProcess["rlimits"]> {
  return ulimits.map(({ Name, Soft, Hard }) => ({
    type: `RLIMIT_${Name.toUpperCase()}`,
    hard: Hard < 0 ? infinity : Hard,
    soft: Soft < 0 ? infinity : Soft,
  }));
}
