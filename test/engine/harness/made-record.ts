import type { ContainerRecord, MountPoint } from "#core/engine/container.ts";
import type { RuntimeFacts } from "#core/engine/runtime.ts";
import { readContainer } from "#engine/create/read-container.ts";
import { buildSpec } from "#engine/spec/build-spec.ts";
import { resolveUser } from "#engine/spec/resolve-user.ts";
import type { SpecInput } from "#engine/spec/spec-input.ts";
import type { Digest } from "#oci/digest.ts";
import type { ImageConfig, ImageDefaults } from "#oci/image-config.ts";
import type { RuntimeSpec } from "#oci/runtime-spec.ts";
import { sampleId, sampleRecord } from "./sample-container.ts";

/** A machine that can do everything, with two processors. */
export const ampleFacts: RuntimeFacts = {
  name: "crun",
  version: "1.8.1",
  program: "/usr/bin/crun",
  root: "/run/x",
  cgroup: 1,
  capabilities: [],
  hardLimits: undefined,
  appArmor: false,
  lowerOomScore: true,
  cores: 2,
  memory: 8 * 1024 ** 3,
  swapAccounting: true,
  architecture: "amd64",
  init: "/usr/bin/tini-static",
  controllers: new Set(["memory", "cpu", "cpuset", "pids", "blkio"]),
  blkioWeight: true,
};

export function imageWith(defaults: ImageDefaults): { config: ImageConfig } {
  return {
    config: {
      architecture: "amd64",
      os: "linux",
      config: defaults,
      rootfs: { type: "layers", diff_ids: [] },
      history: [],
    },
  };
}

/** What create makes of a body, as far as it makes the spec. */
export function madeRecord(
  body: Record<string, unknown>,
  facts: RuntimeFacts,
  defaults: ImageDefaults = {},
  parts: { id?: string; mounts?: MountPoint[] } = {},
): ContainerRecord {
  const { config, host, path, args } = readContainer(body, imageWith(defaults), facts);
  const { id = sampleId, mounts = [] } = parts;
  return {
    ...sampleRecord(),
    id,
    image: `sha256:${"ab".repeat(32)}` as Digest,
    config: { ...config, Hostname: config.Hostname || id.slice(0, 12) },
    host,
    path,
    args,
    mounts,
  };
}

export function specOf(
  record: ContainerRecord,
  facts: RuntimeFacts,
  input: Partial<SpecInput> & { passwd?: string; group?: string } = {},
): RuntimeSpec {
  const { passwd, group, ...rest } = input;
  return buildSpec({
    record,
    facts,
    rootfs: "/root/of/it",
    kernel: "6.1.0",
    user: resolveUser(record.config.User, passwd, group, record.host.GroupAdd),
    files: { hostname: "/c/hostname", hosts: "/c/hosts", resolvConf: "/c/resolv.conf" },
    cgroupParent: "/docker",
    shared: {},
    deviceAt: () => "missing",
    ...rest,
  });
}
