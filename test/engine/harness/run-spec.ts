import { existsSync } from "node:fs";
import { mkdir, realpath, writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { release } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { ContainerRecord, MountPoint } from "#core/engine/container.ts";
import type { Runtime, RuntimeFacts } from "#core/engine/runtime.ts";
import type { SpecInput } from "#engine/spec/spec-input.ts";
import type { RuntimeSpec } from "#oci/runtime-spec.ts";
import { madeRecord, specOf } from "./made-record.ts";
import { monitored, type MonitoredOptions } from "./monitored.ts";

export interface SpecRunner {
  facts: RuntimeFacts;
  /** A temp folder that goes with the test. */
  folder: string;
  record(body: Record<string, unknown>, mounts?: MountPoint[]): ContainerRecord;
  spec(record: ContainerRecord, input?: Partial<SpecInput>): RuntimeSpec;
  cgroupParent: string;
  runtime: Runtime;
  /** Starts it and lets it run, until the test ends. */
  start(record: ContainerRecord): Promise<void>;
  /** Runs what a create body becomes, without network, to its end. */
  run(
    body: Record<string, unknown>,
    options?: { mounts?: MountPoint[]; input?: Partial<SpecInput> },
  ): Promise<{ stdout: string; stderr: string; code: number }>;
}

const passwd = "root:x:0:0:root:/root:/bin/sh\njoe:x:1000:1000:joe:/home/joe:/bin/sh\n";
const group = "root:x:0:\njoe:x:1000:\nbig:x:70:joe\n";

/** Runs containers whose spec comes from create bodies, in a root of busybox, under the real runtime. */
export async function specRunner(context: TestContext, options: MonitoredOptions = {}): Promise<SpecRunner> {
  const {
    runtime,
    root,
    folder,
    cgroupParent,
    launch,
    finish,
    run: begin,
  } = await monitored(context, options);
  const { facts } = runtime;
  await writeFile(join(root, "etc/passwd"), passwd);
  await writeFile(join(root, "etc/group"), group);
  const files = {
    hostname: join(folder, "hostname"),
    hosts: join(folder, "hosts"),
    resolvConf: join(folder, "resolv"),
  };
  await writeFile(files.hostname, "named\n");
  await writeFile(files.hosts, "127.0.0.1 localhost\n");
  await writeFile(files.resolvConf, "nameserver 127.0.0.1\n");

  const record = (body: Record<string, unknown>, mounts: MountPoint[] = []) => {
    const { HostConfig, ...rest } = body;
    const host = { NetworkMode: "none", ...(HostConfig as object | undefined) };
    return madeRecord(
      { ...rest, HostConfig: host },
      facts,
      {},
      { id: randomBytes(32).toString("hex"), mounts },
    );
  };
  const spec = (of: ContainerRecord, input: Partial<SpecInput> = {}) =>
    specOf(of, facts, { rootfs: root, kernel: release(), files, cgroupParent, passwd, group, ...input });

  return {
    ...{ facts, folder, record, spec, cgroupParent, runtime },
    start: async (made) => void (await begin({ ...launch(made.args), id: made.id, spec: spec(made) })),
    run: (body, { mounts, input } = {}) => {
      const made = record(body, mounts);
      const built = spec(made, input);
      const order = launch(made.args, { tty: made.config.Tty });
      return finish({ ...order, id: made.id, spec: built });
    },
  };
}

/** This machine's own programs, read-only: perl is everywhere. */
export async function hostPrograms(folder: string): Promise<MountPoint[]> {
  await mkdir(folder, { recursive: true });
  const paths = ["/usr", "/lib", "/lib64"].filter((path) => existsSync(path));
  return Promise.all(
    paths.map(async (path) => ({
      type: "bind" as const,
      source: await realpath(path),
      destination: path,
      mode: "",
      rw: false,
      propagation: "rprivate",
    })),
  );
}
