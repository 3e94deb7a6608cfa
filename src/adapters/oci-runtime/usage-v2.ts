import type { Usage } from "#core/engine/runtime.ts";
import { readControl, readFlat, readNumber } from "./cgroup-files.ts";
import type { RuntimeState } from "./runtime-state.ts";

/** µs to ns. */
const micro = 1000;

/** What a container used, from cgroup v2's files. @param memory of this machine: the limit where there is none. */
export async function usageV2(
  state: RuntimeState,
  cores: number,
  memory: number,
): Promise<Omit<Usage, "networks">> {
  const folder = state.cgroup("");
  const [cpu, usage, max, limit, events, stats, current, most, io] = await Promise.all([
    readFlat(folder, "cpu.stat"),
    readNumber(folder, "memory.current"),
    readNumber(folder, "memory.peak"),
    readNumber(folder, "memory.max"),
    readFlat(folder, "memory.events"),
    readFlat(folder, "memory.stat"),
    readNumber(folder, "pids.current"),
    readNumber(folder, "pids.max"),
    readControl(folder, "io.stat"),
  ]);
  return {
    cpu: {
      total: (cpu.usage_usec ?? 0) * micro,
      user: (cpu.user_usec ?? 0) * micro,
      system: (cpu.system_usec ?? 0) * micro,
      perCpu: [],
      host: 0,
      online: cores,
      throttling: {
        periods: cpu.nr_periods ?? 0,
        throttled: cpu.nr_throttled ?? 0,
        time: (cpu.throttled_usec ?? 0) * micro,
      },
    },
    memory: { usage, max, limit: limit === 0 ? memory : limit, failures: events.max ?? 0, stats },
    pids: { current, limit: most },
    io: blocks(io ?? ""),
  };
}

/** Lines `8:0 rbytes=1 wbytes=2 rios=3 wios=4 …`. */
function blocks(text: string): Usage["io"] {
  const io: Usage["io"] = [];
  for (const line of text.split("\n")) {
    const [, major, minor, rest = ""] = /^(\d+):(\d+) (.*)$/.exec(line) ?? [];
    if (major === undefined) continue;
    const values = Object.fromEntries(
      rest.split(" ").map((pair) => pair.split("=") as [string, string]),
    ) as Record<string, string | undefined>;
    const device: [number, number] = [Number(major), Number(minor)];
    const add = (operation: string, letter: string) =>
      io.push({
        device,
        operation,
        bytes: Number(values[`${letter}bytes`] ?? 0),
        operations: Number(values[`${letter}ios`] ?? 0),
      });
    add("read", "r");
    add("write", "w");
  }
  return io;
}
