import type { Ulimit } from "#core/engine/container-config.ts";
import { AppError } from "#core/errors.ts";
import type { RuntimeFacts } from "#core/engine/runtime.ts";

const names: ReadonlySet<string> = new Set(
  "as core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(
    " ",
  ),
);
const unlimited = -1;

/**
 * Limits of a process as they will be: -1 is none at all; a hard limit above what this process may give becomes that, with
 * a warning. The last of a name counts. Throws engine-invalid.
 */
export function settleUlimits(
  wanted: readonly Ulimit[],
  { hardLimits }: Pick<RuntimeFacts, "hardLimits">,
  warnings: string[],
): Ulimit[] {
  const settled = new Map<string, Ulimit>();
  for (const { Name, Soft, Hard } of wanted) {
    if (!names.has(Name)) throw new AppError("engine-invalid", `invalid ulimit type: ${Name}`);
    if (Soft < unlimited || Hard < unlimited)
      throw new AppError("engine-invalid", `invalid ulimit ${Name}: ${Math.min(Soft, Hard)} is no limit`);
    if (Hard !== unlimited && (Soft === unlimited || Soft > Hard))
      throw new AppError(
        "engine-invalid",
        `ulimit soft limit must be less than or equal to hard limit: ${Soft} > ${Hard}`,
      );
    const most = hardLimits?.[Name];
    const above = (limit: number) => most !== undefined && (limit === unlimited || limit > most);
    if (most !== undefined && above(Hard))
      warnings.push(
        `The engine may not raise the ulimit ${Name} above ${most}, which the container gets instead.`,
      );
    const within = (limit: number) => (most !== undefined && above(limit) ? most : limit);
    settled.set(Name, { Name, Soft: within(Soft), Hard: within(Hard) });
  }
  return [...settled.values()];
}
