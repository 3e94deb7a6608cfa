import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultCapabilities } from "#engine/capabilities.ts";
import { allCapabilities } from "#oci/capability-names.ts";
import type { RuntimeSpec } from "#oci/runtime-spec.ts";
import { ampleFacts, madeRecord, specOf } from "./harness/made-record.ts";

const facts = { ...ampleFacts, capabilities: allCapabilities };
const image = { Env: ["A=1", "B=2"], WorkingDir: "/w", Cmd: ["sleep", "100"] };
const passwd = "root:x:0:0:root:/root:/bin/sh\njoe:x:1000:1000:joe:/home/joe:/bin/sh\n";
const group = "root:x:0:\nwheel:x:10:root,joe\njoe:x:1000:\nbig:x:70:\n";

function spec(HostConfig: Record<string, unknown> = {}, body: Record<string, unknown> = {}): RuntimeSpec {
  const record = madeRecord(
    { Hostname: "h", ...body, HostConfig: { NetworkMode: "none", ...HostConfig } },
    facts,
    image,
  );
  return specOf(record, facts, { passwd, group });
}

const mount = ({ mounts }: RuntimeSpec, at: string) => mounts.find(({ destination }) => destination === at);
const kinds = ({ linux }: RuntimeSpec) => linux.namespaces.map(({ type }) => type);

test("a plain container's spec is dockerd's", () => {
  const { process, linux, mounts, root, hostname } = spec();
  assert.deepEqual(process, {
    terminal: false,
    user: { uid: 0, gid: 0, additionalGids: [0, 10] },
    args: ["sleep", "100"],
    env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOSTNAME=h", "A=1", "B=2"],
    cwd: "/w",
    capabilities: {
      bounding: defaultCapabilities,
      effective: defaultCapabilities,
      permitted: defaultCapabilities,
    },
    oomScoreAdj: 0,
  });
  assert.equal(hostname, "h");
  assert.deepEqual(root, { path: "/root/of/it", readonly: false });
  assert.deepEqual(linux.namespaces, [
    { type: "mount" },
    { type: "network" },
    { type: "uts" },
    { type: "pid" },
    { type: "ipc" },
  ]);
  assert.deepEqual(linux.sysctl, {
    "net.ipv4.ip_unprivileged_port_start": "0",
    "net.ipv4.ping_group_range": "0 2147483647",
  });
  assert.match(linux.cgroupsPath, /^\/docker\/[0-9a-f]{64}$/);
  const numbers = linux.resources.devices?.map(({ allow, type, major, minor }) => [
    allow,
    type,
    major,
    minor,
  ]);
  assert.deepEqual(numbers, [
    [false, undefined, undefined, undefined],
    [true, "c", 1, 5],
    [true, "c", 1, 3],
    [true, "c", 1, 9],
    [true, "c", 1, 8],
    [true, "c", 5, 0],
    [true, "c", 5, 1],
    [false, "c", 10, 229],
  ]);
  assert.deepEqual(Object.keys(linux.resources), ["devices"]);
  assert.ok(linux.maskedPaths?.includes("/proc/kcore") && linux.readonlyPaths?.includes("/proc/sys"));
  assert.deepEqual(
    mounts.map(({ destination }) => destination),
    [
      "/proc",
      "/dev",
      "/dev/pts",
      "/sys",
      "/sys/fs/cgroup",
      "/dev/mqueue",
      "/dev/shm",
      "/etc/resolv.conf",
      "/etc/hostname",
      "/etc/hosts",
    ],
  );
  assert.deepEqual(mount(spec(), "/dev/shm")?.options, [
    "nosuid",
    "noexec",
    "nodev",
    "mode=1777",
    "size=67108864",
  ]);
  assert.deepEqual(mount(spec(), "/sys")?.options, ["nosuid", "noexec", "nodev", "ro"]);
});

test("capabilities are added, dropped, and never more than this machine may give", () => {
  const of = (HostConfig: Record<string, unknown>) => spec(HostConfig).process.capabilities?.effective ?? [];
  assert.deepEqual(of({ CapAdd: ["NET_ADMIN"], CapDrop: ["CHOWN"] }), [
    ...defaultCapabilities.filter((name) => name !== "CAP_CHOWN"),
    "CAP_NET_ADMIN",
  ]);
  assert.deepEqual(of({ CapDrop: ["ALL"], CapAdd: ["CHOWN"] }), ["CAP_CHOWN"]);
  assert.deepEqual(
    of({ CapAdd: ["ALL"], CapDrop: ["MKNOD"] }),
    allCapabilities.filter((name) => name !== "CAP_MKNOD"),
  );
  const less = { ...facts, capabilities: allCapabilities.filter((name) => name !== "CAP_SYS_RESOURCE") };
  const record = madeRecord({ HostConfig: { Privileged: true } }, less, image);
  assert.deepEqual(specOf(record, less).process.capabilities?.bounding, less.capabilities);
});

test("others than root are bounded by the capabilities and have none", () => {
  const { process } = spec({}, { User: "joe" });
  assert.deepEqual(process.user, { uid: 1000, gid: 1000, additionalGids: [1000, 10] });
  assert.deepEqual(process.capabilities, { bounding: defaultCapabilities });
});

test("privileged: all devices, nothing hidden, no filter", () => {
  const record = madeRecord({ HostConfig: { Privileged: true } }, facts, image);
  const device = { type: "c", major: 1, minor: 11, fileMode: 0o20644, uid: 0, gid: 0 } as const;
  const made = specOf(record, facts, { hostDevices: [{ path: "/dev/kmsg", ...device }] });
  assert.deepEqual(made.linux.resources.devices, [{ allow: true, access: "rwm" }]);
  assert.deepEqual(made.linux.devices, [{ path: "/dev/kmsg", ...device, fileMode: 0o644 }]);
  assert.equal(made.linux.maskedPaths, undefined);
  assert.equal(made.linux.readonlyPaths, undefined);
  assert.equal(made.linux.seccomp, undefined);
  assert.ok(
    !mount(made, "/sys")?.options.includes("ro") && !mount(made, "/sys/fs/cgroup")?.options.includes("ro"),
  );
});

test("namespaces of the host and of other containers", () => {
  assert.deepEqual(kinds(spec({ IpcMode: "host", PidMode: "host" })), ["mount", "network", "uts"]);
  assert.deepEqual(mount(spec({ IpcMode: "host" }), "/dev/shm")?.source, "/dev/shm");
  assert.equal(mount(spec({ IpcMode: "none" }), "/dev/shm"), undefined);
  assert.ok(kinds(spec({ CgroupnsMode: "private" })).includes("cgroup"));
  const own = spec({ UTSMode: "host" }, { Hostname: "" });
  assert.equal(own.hostname, undefined);
  assert.ok(!kinds(own).includes("uts"));
  const host = spec({ NetworkMode: "host" });
  assert.equal(host.linux.sysctl, undefined, "settings of the network would be the host's");
  assert.ok(!kinds(host).includes("network"));
  const record = madeRecord(
    { HostConfig: { NetworkMode: "container:x", IpcMode: "container:x", PidMode: "container:x" } },
    facts,
    image,
  );
  const shared = { network: "/proc/7/ns/net", ipc: "/proc/7/ns/ipc", pid: "/proc/7/ns/pid" };
  const joined = specOf(record, facts, { shared, sharedShm: "/x/shm" });
  assert.deepEqual(joined.linux.namespaces, [
    { type: "mount" },
    { type: "network", path: shared.network },
    { type: "uts" },
    { type: "pid", path: shared.pid },
    { type: "ipc", path: shared.ipc },
  ]);
  assert.equal(joined.linux.sysctl, undefined);
  assert.equal(mount(joined, "/dev/shm")?.source, "/x/shm");
});

test("limits", () => {
  const of = (HostConfig: Record<string, unknown>) => {
    const { devices: _, ...limits } = spec(HostConfig).linux.resources;
    return limits;
  };
  assert.deepEqual(of({ Memory: 1e7, MemoryReservation: 7e6, MemorySwappiness: 5 }), {
    memory: { limit: 1e7, reservation: 7e6, swap: 2e7, swappiness: 5 },
  });
  assert.deepEqual(of({ NanoCpus: 1.5e9, CpusetCpus: "0-1", CpusetMems: "0", CpuShares: 512 }), {
    cpu: { shares: 512, quota: 150_000, period: 100_000, cpus: "0-1", mems: "0" },
  });
  assert.deepEqual(of({ CpuPeriod: 50_000, CpuQuota: 25_000 }), { cpu: { quota: 25_000, period: 50_000 } });
  assert.deepEqual(of({ PidsLimit: 50 }), { pids: { limit: 50 } });
  assert.deepEqual(spec({ OomScoreAdj: 100 }).process.oomScoreAdj, 100);
  assert.deepEqual(spec({ Ulimits: [{ Name: "nofile", Soft: 100, Hard: 200 }] }).process.rlimits, [
    { type: "RLIMIT_NOFILE", hard: 200, soft: 100 },
  ]);
  const unlimited = spec({ Ulimits: [{ Name: "core", Soft: -1, Hard: -1 }] }).process.rlimits;
  assert.equal(
    JSON.stringify(unlimited),
    '[{"type":"RLIMIT_CORE","hard":18446744073709551615,"soft":18446744073709551615}]',
  );
});

test("devices of the host", () => {
  const device = {
    path: "/dev/kmsg",
    type: "c",
    major: 1,
    minor: 11,
    fileMode: 0o644,
    uid: 0,
    gid: 0,
  } as const;
  const at = (HostConfig: Record<string, unknown>) =>
    specOf(madeRecord({ HostConfig }, facts, image), facts, {
      deviceAt: (path) =>
        path === "/dev/kmsg"
          ? [device]
          : path === "/dev/d"
            ? [{ ...device, path: "/dev/d/a" }]
            : path === "/etc"
              ? "no-device"
              : "missing",
    }).linux;
  const given = at({
    Devices: [{ PathOnHost: "/dev/kmsg", PathInContainer: "/dev/xx", CgroupPermissions: "rw" }],
    DeviceCgroupRules: ["c 1:* rw", "a *:* rwm"],
    BlkioDeviceReadBps: [{ Path: "/dev/kmsg", Rate: 1000 }],
  });
  assert.deepEqual(given.devices, [{ ...device, path: "/dev/xx" }]);
  assert.deepEqual(given.resources.devices?.slice(-3), [
    { allow: true, type: "c", major: 1, minor: 11, access: "rw" },
    { allow: true, type: "c", major: 1, access: "rw" },
    { allow: true, type: "a", access: "rwm" },
  ]);
  assert.deepEqual(given.resources.blockIO, { throttleReadBpsDevice: [{ major: 1, minor: 11, rate: 1000 }] });
  assert.deepEqual(
    at({ Devices: [{ PathOnHost: "/dev/d", PathInContainer: "/dev/e" }] }).devices?.[0]?.path,
    "/dev/e/a",
  );
  assert.throws(() => at({ Devices: [{ PathOnHost: "/dev/nosuch" }] }), {
    code: "engine-invalid",
    message:
      'error gathering device information while adding custom device "/dev/nosuch": no such file or directory',
  });
  assert.throws(() => at({ Devices: [{ PathOnHost: "/etc" }] }), { message: /"\/etc": not a device node$/ });
});
