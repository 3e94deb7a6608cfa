import type { RuntimeResources } from "#oci/runtime-spec.ts";

/**
 * The program that makes containers of the kernel's parts: crun or runc. Implementation: adapters/oci-runtime.
 * Errors: engine-failed with its words, engine-conflict when the container isn't in the state for it.
 */
export interface Runtime {
  readonly facts: RuntimeFacts;
  /** @param all every process of its cgroup. A process that is gone is fine. */
  signal(id: string, signal: number, all?: boolean): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  update(id: string, resources: RuntimeResources): Promise<void>;
  /** Host pids of all processes in it. */
  processes(id: string): Promise<number[]>;
  /** `ps` output for it: titles and rows. @param args for ps(1), as docker's `ps_args`. */
  top(id: string, args: string): Promise<{ titles: string[]; processes: string[][] }>;
  /** @param pid its first process, whose network devices are counted. */
  stats(id: string, pid: number): Promise<Usage>;
}

/** What this machine and this process can do; the spec is built within it. */
export interface RuntimeFacts {
  /** `crun`, `runc` */
  name: string;
  version: string;
  /** Path of the program, and its state folder. */
  program: string;
  root: string;
  cgroup: 1 | 2;
  /** CAP_… that this process may give, from its bounding set. */
  capabilities: readonly string[];
  /** Hard limits of this process by name (`nofile`), as far as they can't be raised; undefined: they can. */
  hardLimits: Readonly<Record<string, number>> | undefined;
  appArmor: boolean;
  /** May lower oom_score_adj. */
  lowerOomScore: boolean;
  cores: number;
  /** Bytes of memory of this machine. */
  memory: number;
  swapAccounting: boolean;
  /** `amd64` */
  architecture: string;
  /** Static tini or catatonit for --init; undefined: none installed. */
  init: string | undefined;
  /** Which controls can be used: `memory`, `cpu`, `cpuset`, `pids`, `blkio`, `hugetlb`. */
  controllers: ReadonlySet<string>;
  /** What `blkio.weight` needs. */
  blkioWeight: boolean;
}

/** Docker Engine API "ContainerStats" before it is written. Times ns, sizes bytes. */
export interface Usage {
  cpu: {
    total: number;
    user: number;
    system: number;
    perCpu: number[];
    host: number;
    online: number;
    throttling: { periods: number; throttled: number; time: number };
  };
  memory: { usage: number; max: number; limit: number; failures: number; stats: Record<string, number> };
  pids: { current: number; limit: number };
  io: { device: [number, number]; operation: string; bytes: number; operations: number }[];
  networks: Record<string, { received: Traffic; sent: Traffic }>;
}

export interface Traffic {
  bytes: number;
  packets: number;
  errors: number;
  dropped: number;
}
