import type { Usage } from "#core/engine/runtime.ts";
import { readControl, readFlat, readNumber } from "./cgroup-files.ts";
import type { RuntimeState } from "./runtime-state.ts";

/** USER_HZ ticks to ns. */
const tick = 10_000_000;
/** v1 writes "no limit" as the largest page count: 2^63 - 4096. */
const noLimit = 2 ** 62;

/** What a container used, from cgroup v1's files. @param memory of this machine: the limit where there is none. */
export async function usageV1(
  state: RuntimeState,
  cores: number,
  memory: number,
): Promise<Omit<Usage, "networks">> {
  const acct = state.cgroup("cpuacct");
  const mem = state.cgroup("memory");
  const pids = state.cgroup("pids");
  const blkio = state.cgroup("blkio");
  const [
    total,
    perCpu,
    split,
    throttled,
    usage,
    max,
    limit,
    failures,
    stats,
    current,
    most,
    bytes,
    operations,
  ] = await Promise.all([
    readNumber(acct, "cpuacct.usage"),
    readControl(acct, "cpuacct.usage_percpu"),
    readFlat(acct, "cpuacct.stat"),
    readFlat(state.cgroup("cpu"), "cpu.stat"),
    readNumber(mem, "memory.usage_in_bytes"),
    readNumber(mem, "memory.max_usage_in_bytes"),
    readNumber(mem, "memory.limit_in_bytes"),
    readNumber(mem, "memory.failcnt"),
    readFlat(mem, "memory.stat"),
    readNumber(pids, "pids.current"),
    readNumber(pids, "pids.max"),
    readControl(blkio, "blkio.throttle.io_service_bytes_recursive"),
    readControl(blkio, "blkio.throttle.io_serviced_recursive"),
  ]);
  return {
    cpu: {
      total,
      user: (split.user ?? 0) * tick,
      system: (split.system ?? 0) * tick,
      perCpu: (perCpu ?? "")
        .split(" ")
        .filter((text) => text !== "")
        .map(Number),
      host: 0,
      online: cores,
      throttling: {
        periods: throttled.nr_periods ?? 0,
        throttled: throttled.nr_throttled ?? 0,
        time: throttled.throttled_time ?? 0,
      },
    },
    memory: { usage, max, limit: limit === 0 || limit > noLimit ? memory : limit, failures, stats },
    pids: { current, limit: most },
    io: blocks(bytes ?? "", operations ?? ""),
  };
}

/** Lines `8:0 Read 4096`, once for bytes and once for operations. */
function blocks(bytes: string, operations: string): Usage["io"] {
  const io = new Map<string, Usage["io"][number]>();
  const add = (text: string, field: "bytes" | "operations") => {
    for (const line of text.split("\n")) {
      const [, major, minor, operation, value] = /^(\d+):(\d+) (\w+) (\d+)$/.exec(line) ?? [];
      if (operation === undefined) continue;
      const key = `${major}:${minor} ${operation}`;
      const entry = io.get(key) ?? {
        device: [Number(major), Number(minor)],
        operation: operation.toLowerCase(),
        bytes: 0,
        operations: 0,
      };
      entry[field] = Number(value);
      io.set(key, entry);
    }
  };
  add(bytes, "bytes");
  add(operations, "operations");
  return [...io.values()];
}
