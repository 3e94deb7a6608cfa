import { readFlat } from "./cgroup-files.ts";
import type { RuntimeState } from "./runtime-state.ts";

/** Whether the kernel killed a process of this cgroup for want of memory; known as long as the cgroup is there. */
export async function oomKilled(state: RuntimeState, version: 1 | 2): Promise<boolean> {
  const file = version === 2 ? "memory.events" : "memory.oom_control";
  return ((await readFlat(state.cgroup("memory"), file)).oom_kill ?? 0) > 0;
}
