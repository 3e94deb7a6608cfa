import type { HostConfig } from "#core/engine/container-config.ts";
import { AppError } from "#core/errors.ts";
import type { RuntimeLinux, RuntimeResources } from "#oci/runtime-spec.ts";
import type { DeviceAt, DeviceNode } from "./spec-input.ts";

type Rules = NonNullable<RuntimeResources["devices"]>;
type Nodes = NonNullable<RuntimeLinux["devices"]>;

/** /dev/null and its kin, /dev/tty, /dev/console; everything else is refused. */
const standardRules: Rules = [
  { allow: false, access: "rwm" },
  ...[
    [1, 5],
    [1, 3],
    [1, 9],
    [1, 8],
    [5, 0],
    [5, 1],
  ].map(([major, minor]) => ({
    allow: true,
    type: "c",
    major: major ?? 0,
    minor: minor ?? 0,
    access: "rwm",
  })),
  // FUSE, which some runtimes allow by themselves.
  { allow: false, type: "c", major: 10, minor: 229, access: "rwm" },
];

/** The host's paths that `deviceAt` will be asked for: devices that are given, and disks with a limit. */
export function devicePaths(host: HostConfig): string[] {
  const limited = [
    ...host.BlkioWeightDevice,
    ...host.BlkioDeviceReadBps,
    ...host.BlkioDeviceWriteBps,
    ...host.BlkioDeviceReadIOps,
    ...host.BlkioDeviceWriteIOps,
  ].map(({ Path }) => Path);
  return [...new Set([...host.Devices.map(({ PathOnHost }) => PathOnHost), ...limited])];
}

/** Device nodes that the container gets beside the standard ones, and which of all it may use. Throws engine-invalid. */
export function devicesOf(
  host: HostConfig,
  deviceAt: DeviceAt,
  hostDevices: readonly DeviceNode[],
): { nodes: Nodes; rules: Rules } {
  if (host.Privileged) {
    const given = givenDevices(host, deviceAt);
    const paths = new Set(given.nodes.map(({ path }) => path));
    const others = hostDevices
      .filter(({ path }) => !paths.has(path))
      .map((device) => nodeOf(device, device.path));
    return { nodes: [...others, ...given.nodes], rules: [{ allow: true, access: "rwm" }] };
  }
  const { nodes, rules } = givenDevices(host, deviceAt);
  return { nodes, rules: [...standardRules, ...rules, ...host.DeviceCgroupRules.map(ruleOf)] };
}

function givenDevices(host: HostConfig, deviceAt: DeviceAt): { nodes: Nodes; rules: Rules } {
  const nodes: Nodes = [];
  const rules: Rules = [];
  for (const { PathOnHost, PathInContainer, CgroupPermissions: access } of host.Devices) {
    for (const device of foundDevices(PathOnHost, deviceAt)) {
      const path = PathInContainer + device.path.slice(PathOnHost.length);
      const { type, major, minor } = device;
      nodes.push(nodeOf(device, device.path.startsWith(PathOnHost) ? path : PathInContainer));
      rules.push({ allow: true, type, major, minor, access });
    }
  }
  return { nodes, rules };
}

function foundDevices(path: string, deviceAt: DeviceAt): readonly DeviceNode[] {
  const found = deviceAt(path);
  if (typeof found !== "string" && found.length > 0) return found;
  const why = found === "missing" ? "no such file or directory" : "not a device node";
  throw new AppError(
    "engine-invalid",
    `error gathering device information while adding custom device "${path}": ${why}`,
  );
}

function nodeOf({ type, major, minor, fileMode, uid, gid }: DeviceNode, path: string): Nodes[number] {
  return { path, type, major, minor, fileMode: fileMode & 0o777, uid, gid };
}

/** `c 1:* rw`; checked at create. Any number: none is named, which all runtimes understand (-1 only some). */
function ruleOf(rule: string): Rules[number] {
  const [type = "a", numbers = "", access = ""] = rule.split(" ");
  const [major = "*", minor = "*"] = numbers.split(":");
  return {
    allow: true,
    type,
    ...(major !== "*" && { major: Number(major) }),
    ...(minor !== "*" && { minor: Number(minor) }),
    access,
  };
}
