import type { Resources } from "#core/engine/container-config.ts";
import { AppError } from "#core/errors.ts";

const most = 8192;

/** The numbers of `0-2,5`. Throws the fault as a text. */
function parseSet(text: string): number[] {
  const found: number[] = [];
  for (const part of text.split(",")) {
    const [, from = "", to = from] = /^\s*(\d{1,9})(?:-(\d{1,9}))?\s*$/.exec(part) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (from === "" || last < first) throw new RangeError(`invalid format: ${text}`);
    if (last > most) throw new RangeError(`value of out range, maximum is ${most}`);
    for (let number = first; number <= last; number++) found.push(number);
  }
  return found;
}

/** Whether any set is asked for. Throws engine-invalid for what is none, and for processors that aren't there. */
export function checkCpuSets(
  { CpusetCpus, CpusetMems }: Pick<Resources, "CpusetCpus" | "CpusetMems">,
  cores: number,
): boolean {
  const cpus = read(CpusetCpus, "cpus");
  read(CpusetMems, "mems");
  if (cpus.some((cpu) => cpu >= cores)) {
    const available = cores === 1 ? "0" : `0-${cores - 1}`;
    throw new AppError(
      "engine-invalid",
      `Requested CPUs are not available - requested ${CpusetCpus}, available: ${available}`,
    );
  }
  return CpusetCpus !== "" || CpusetMems !== "";
}

function read(text: string, what: string): number[] {
  if (text === "") return [];
  try {
    return parseSet(text);
  } catch (error) {
    throw new AppError(
      "engine-invalid",
      `Invalid value ${text} for cpuset ${what}: ${error instanceof Error ? error.message : "invalid"}`,
    );
  }
}
