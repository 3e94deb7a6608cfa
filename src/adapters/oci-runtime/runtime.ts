/**
 * The OCI runtime, crun or runc: which one works here, and everything that is done to containers but watching them.
 * Makes nothing itself: the monitor calls the program, with what `OciRuntime` adds to the seam. What needs only cgroup
 * files and signals is done with those, for each call of the program takes 5 to 10 ms.
 * spec → filter added → (monitor: create) → filter kept → start → signals, freezer, files → remove
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#core/errors.ts";
import type { MonitoredRuntime } from "#core/engine/monitored-runtime.ts";
import type { Runtime } from "#core/engine/runtime.ts";
import { updateResources } from "./update-resources.ts";
import { runProgram } from "#kit/run-program.ts";
import { membersOf } from "./cgroup-files.ts";
import { createCompiledFilters } from "./compiled-filters.ts";
import { freeze, isFrozen, thaw } from "./freeze.ts";
import { hostCpu } from "./host-cpu.ts";
import { lookAtMachine } from "./machine.ts";
import { networkUsage } from "./network-usage.ts";
import { openGate } from "./open-gate.ts";
import { oomKilled } from "./oom-killed.ts";
import { pickRuntime } from "./pick-runtime.ts";
import { removeContainer } from "./remove-container.ts";
import { readRuntimeState, runningState } from "./runtime-state.ts";
import { sendSignal } from "./send-signal.ts";
import { startFault } from "./start-fault.ts";
import { listContainers } from "./list-containers.ts";
import { removeParent, sweepCgroups } from "./sweep-cgroups.ts";
import { top } from "./top.ts";
import { usageV1 } from "./usage-v1.ts";
import { usageV2 } from "./usage-v2.ts";

export interface RuntimeOptions {
  /** On a tmpfs, for its content means nothing after a boot; only root may write there. */
  runFolder: string;
  prefer?: "crun" | "runc" | undefined;
  /** Where containers' cgroups lie (`/berth`), for `sweep`; undefined: none are swept. */
  cgroupParent?: string | undefined;
  log(message: string): void;
}

/** The seam, and what a monitor needs of a runtime. */
export type OciRuntime = Runtime & MonitoredRuntime & AsyncDisposable;

const patience = 30_000;

/** Tries the runtimes once. Throws unavailable when none works, with what is missing and the line that installs it. */
export async function openRuntime(options: RuntimeOptions): Promise<OciRuntime> {
  const { runFolder, prefer, cgroupParent, log } = options;
  const root = join(runFolder, "runtime");
  await mkdir(root, { recursive: true, mode: 0o700 });
  const picked = await pickRuntime(root, runFolder, prefer, log);
  const { name, program, version } = picked;
  const facts = { ...(await lookAtMachine()), name, program, version, root };
  const { cgroup } = facts;
  const filters = createCompiledFilters(join(runFolder, "filters"), `${name} ${version}`);
  const { waits, list } = listContainers(root);

  const running = (id: string) => runningState(root, cgroup, id);

  return {
    facts,

    async signal(id, signal, all = false) {
      const state = await readRuntimeState(root, cgroup, id);
      if (state !== undefined) await sendSignal(state, cgroup, signal, all);
    },

    async pause(id) {
      const state = await running(id);
      if (await isFrozen(state, cgroup))
        throw new AppError("engine-conflict", `Container ${id} is already paused`);
      await freeze(state, cgroup, id);
    },

    async resume(id) {
      const state = await readRuntimeState(root, cgroup, id);
      // Who was killed while it was paused has nothing to go on with.
      if (state === undefined) return;
      await thaw(state, cgroup).catch((error: unknown) => {
        if (state.alive())
          throw new AppError("engine-failed", `Cannot unpause container ${id}: its cgroup can't be thawed`, {
            cause: error,
          });
      });
    },

    async update(id, resources) {
      await running(id);
      await updateResources(program, root, id, resources);
    },

    processes: async (id) => membersOf((await running(id)).cgroup("pids")),
    top: async (id, args) => top(await membersOf((await running(id)).cgroup("pids")), args),

    async stats(id, pid) {
      const state = await running(id);
      const [usage, host, networks] = await Promise.all([
        cgroup === 2 ? usageV2(state, facts.cores, facts.memory) : usageV1(state, facts.cores, facts.memory),
        hostCpu(),
        networkUsage(pid),
      ]);
      return { ...usage, cpu: { ...usage.cpu, host }, networks };
    },

    prepare: name === "crun" ? (spec) => filters.withFilter(spec) : (spec) => Promise.resolve(spec),
    made: name === "crun" ? (id, spec) => filters.keep(spec, join(root, id)) : () => Promise.resolve(),

    async start(id) {
      if (name === "crun" && openGate(join(root, id))) return;
      const { code, stderr } = await runProgram(program, ["--root", root, "start", id], {
        timeout: patience,
      });
      if (code !== 0) throw startFault("start", stderr, "");
    },

    remove: (id) => removeContainer(program, root, cgroup, id),

    async oomKilled(id) {
      const state = await readRuntimeState(root, cgroup, id);
      return state !== undefined && (await oomKilled(state, cgroup));
    },

    waits,
    list,
    sweep: async (known) => {
      if (cgroupParent !== undefined) await sweepCgroups(cgroup, cgroupParent, known);
    },
    startFault,

    async [Symbol.asyncDispose]() {
      // Empty ones alone: containers may run on.
      if (cgroupParent !== undefined) await removeParent(cgroup, cgroupParent);
    },
  };
}
