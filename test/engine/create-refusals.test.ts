import assert from "node:assert/strict";
import { test } from "node:test";
import { checkName } from "#engine/create/read-name.ts";
import { makeName } from "#engine/create/name-maker.ts";
import { readContainer } from "#engine/create/read-container.ts";
import { ampleFacts, imageWith } from "./harness/made-record.ts";

const facts = { ...ampleFacts, capabilities: ["CAP_NET_ADMIN"] };
const read = (body: Record<string, unknown>, more: Partial<typeof facts> = {}) =>
  readContainer(body, imageWith({ Cmd: ["x"] }), { ...facts, ...more });
const host = (HostConfig: Record<string, unknown>, more: Partial<typeof facts> = {}) =>
  read({ HostConfig }, more);

/** Words that dockerd 20.10 answered the same bodies with. */
const dockerd: readonly [HostConfig: Record<string, unknown>, message: string][] = [
  [{ Memory: 1000 }, "Minimum memory limit allowed is 6MB"],
  [{ Memory: -1 }, "Minimum memory limit allowed is 6MB"],
  [
    { Memory: 10_000_000, MemorySwap: 5_000_000 },
    "Minimum memoryswap limit should be larger than memory limit, see usage",
  ],
  [
    { MemorySwap: 50_000_000 },
    "You should always set the Memory limit when using Memoryswap limit, see usage",
  ],
  [
    { Memory: 10_000_000, MemoryReservation: 20_000_000 },
    "Minimum memory limit can not be less than memory reservation limit, see usage",
  ],
  [{ MemoryReservation: 2000 }, "Minimum memory reservation allowed is 6MB"],
  [{ MemorySwappiness: 101 }, "Invalid value: 101, valid memory swappiness range is 0-100"],
  [{ NanoCpus: 3e9 }, "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available"],
  [{ NanoCpus: -1 }, "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available"],
  [{ NanoCpus: 1e9, CpuPeriod: 1000 }, "Conflicting options: Nano CPUs and CPU Period cannot both be set"],
  [{ NanoCpus: 1e9, CpuQuota: 1000 }, "Conflicting options: Nano CPUs and CPU Quota cannot both be set"],
  [
    { CpuPeriod: 100 },
    "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
  ],
  [{ CpuQuota: 100 }, "CPU cfs quota can not be less than 1ms (i.e. 1000)"],
  [{ CpusetCpus: "0-5" }, "Requested CPUs are not available - requested 0-5, available: 0-1"],
  [{ CpusetCpus: "abc" }, "Invalid value abc for cpuset cpus: invalid format: abc"],
  [{ CpusetCpus: "1-0" }, "Invalid value 1-0 for cpuset cpus: invalid format: 1-0"],
  [
    { CpusetCpus: "0-99999999" },
    "Invalid value 0-99999999 for cpuset cpus: value of out range, maximum is 8192",
  ],
  [{ CpusetMems: "x" }, "Invalid value x for cpuset mems: invalid format: x"],
  [{ RestartPolicy: { Name: "foo" } }, "invalid restart policy 'foo'"],
  [
    { RestartPolicy: { Name: "always", MaximumRetryCount: 3 } },
    "maximum retry count cannot be used with restart policy 'always'",
  ],
  [
    { RestartPolicy: { Name: "on-failure", MaximumRetryCount: -3 } },
    "maximum retry count cannot be negative",
  ],
  [
    { RestartPolicy: { Name: "always" }, AutoRemove: true },
    "can't create 'AutoRemove' container with restart policy",
  ],
  [
    { NetworkMode: "host", Links: ["a:b"] },
    "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
  ],
  [{ NetworkMode: "container:x", Dns: ["1.1.1.1"] }, "conflicting options: dns and the network mode"],
  [
    { NetworkMode: "container:x", ExtraHosts: ["a:1.1.1.1"] },
    "conflicting options: custom host-to-IP mapping and the network mode",
  ],
  [
    { NetworkMode: "container:x", PublishAllPorts: true },
    "conflicting options: port publishing and the container type network mode",
  ],
  [{ NetworkMode: "container:" }, "Invalid network mode: invalid container format container:<name|id>"],
  [{ CgroupnsMode: "foo" }, "invalid cgroup namespace mode: foo"],
  [{ PortBindings: { "99999/tcp": [{}] } }, 'invalid port specification: "99999"'],
  [{ PortBindings: { "x/tcp": [{}] } }, 'invalid port specification: "x"'],
  [{ PortBindings: { "80/tcp": [{ HostPort: "80-70" }] } }, 'invalid port specification: "80-70"'],
  [{ PortBindings: { "80-82/tcp": [{ HostPort: "80-82" }] } }, 'invalid port specification: "80-82"'],
  [{ CapAdd: ["FOO"] }, 'invalid CapAdd: unknown capability: "CAP_FOO"'],
  [{ CapDrop: ["CAP_ALL"] }, 'invalid CapDrop: unknown capability: "CAP_ALL"'],
  [{ LogConfig: { Type: "foo" } }, 'error looking up logging plugin foo: plugin "foo" not found'],
  [
    { LogConfig: { Type: "json-file", Config: { foo: "bar" } } },
    "unknown log opt 'foo' for json-file log driver",
  ],
  [{ LogConfig: { Type: "local", Config: { foo: "x" } } }, "unknown log opt 'foo' for log driver local"],
  [{ LogConfig: { Config: { mode: "foo" } } }, "logger: logging mode not supported: foo"],
  [
    { LogConfig: { Config: { "max-buffer-size": "1m" } } },
    "logger: max-buffer-size option is only supported with 'mode=non-blocking'",
  ],
  [{ ExtraHosts: ["foo"] }, 'bad format for add-host: "foo"'],
  [{ ExtraHosts: ["foo:bar"] }, 'invalid IP address in add-host: "bar"'],
  [{ SecurityOpt: ["foo"] }, 'invalid --security-opt 1: "foo"'],
  [{ SecurityOpt: ["foo=bar"] }, 'invalid --security-opt 2: "foo=bar"'],
  [{ SecurityOpt: ["no-new-privileges:maybe"] }, 'invalid --security-opt 2: "no-new-privileges:maybe"'],
  [{ OomScoreAdj: -2000 }, "Invalid value -2000, range for oom score adj is [-1000, 1000]"],
  [{ ShmSize: -1 }, "SHM size can not be less than 0"],
  [{ Runtime: "foo" }, "Unknown runtime specified foo"],
  [{ Isolation: "hyperv" }, "Invalid isolation: \"hyperv\" - linux only supports 'default'"],
  [{ DeviceCgroupRules: ["foo"] }, "invalid device cgroup rule format: 'foo'"],
  [{ Links: ["a:b:c"] }, "bad format for links: a:b:c"],
  [{ Links: [""] }, "empty string specified for links"],
  [{ Mounts: [{ Type: "foo", Target: "/a" }] }, 'invalid mount config for type "foo": mount type unknown'],
  [
    { DeviceRequests: [{ Count: -1, Capabilities: [["gpu"]] }] },
    'could not select device driver "" with capabilities: [[gpu]]',
  ],
];

test("options that contradict each other or this machine are refused in dockerd's words", () => {
  for (const [HostConfig, message] of dockerd)
    assert.throws(() => host(HostConfig), { code: "engine-invalid", message }, JSON.stringify(HostConfig));
});

test("what dockerd only finds at the start, or never, is refused at create", () => {
  const refused: readonly [HostConfig: Record<string, unknown>, message: RegExp][] = [
    [{ IpcMode: "foo" }, /invalid IPC mode/],
    [{ PidMode: "container:" }, /invalid PID mode/],
    [{ UTSMode: "bad" }, /invalid UTS mode/],
    [{ Sysctls: { "kernel.foo": "1" } }, /"kernel.foo" is not in a separate kernel namespace/],
    [{ Sysctls: { "net.core.somaxconn": "1" }, NetworkMode: "host" }, /host network namespace/],
    [{ Sysctls: { "kernel.msgmax": "1" }, IpcMode: "host" }, /hosts ipc namespace/],
    [{ Sysctls: { "net/../kernel/hotplug": "/x" } }, /not the name of a setting/],
    [{ Ulimits: [{ Name: "foo", Soft: 1, Hard: 2 }] }, /invalid ulimit type: foo/],
    [{ Ulimits: [{ Name: "nofile", Soft: 5, Hard: 2 }] }, /soft limit must be less than or equal/],
    [{ Dns: ["8.8.8.8\nsearch evil"] }, /bad nameserver/],
    [{ DnsSearch: ["a b"] }, /search domain/],
    [{ DnsOptions: ["x\ny"] }, /DNS option/],
    [{ ExtraHosts: ["a\n1.1.1.1 b:2.2.2.2"] }, /add-host/],
    [{ LogConfig: { Type: "json-file", Config: { "max-size": "bar" } } }, /invalid size/],
    [{ LogConfig: { Type: "json-file", Config: { "max-file": "0" } } }, /max-file/],
    [{ SecurityOpt: ["seccomp={bad"] }, /Decoding seccomp profile failed/],
    [{ CgroupParent: "/a/../../b" }, /cgroup parent/],
    [{ Devices: [{ PathOnHost: "rel" }] }, /absolute/],
    [{ Devices: [{ PathOnHost: "/dev/null", CgroupPermissions: "foo" }] }, /bad mode/],
    [{ StorageOpt: { size: "1G" } }, /size/],
    [{ PortBindings: { "80/tcp": [{ HostIp: "zzz" }] } }, /invalid IP address/],
  ];
  for (const [HostConfig, message] of refused)
    assert.throws(() => host(HostConfig), { code: "engine-invalid", message }, JSON.stringify(HostConfig));
  assert.throws(() => host({ OomScoreAdj: -5 }, { lowerOomScore: false }), { code: "engine-invalid" });
  assert.throws(() => host({ Init: true }, { init: undefined }), { code: "engine-invalid", message: /tini/ });
});

test("a container's own settings are checked, too", () => {
  const refused: readonly [body: Record<string, unknown>, message: RegExp][] = [
    [{ Env: ["=x"] }, /^invalid environment variable: =x$/],
    [{ Env: [""] }, /^invalid environment variable: $/],
    [{ WorkingDir: "rel" }, /^the working directory 'rel' is invalid, it needs to be an absolute path$/],
    [{ StopSignal: "FOO" }, /^Invalid signal: FOO$/],
    [{ StopSignal: "0" }, /^Invalid signal: 0$/],
    [{ Healthcheck: { Interval: 100 } }, /^Interval in Healthcheck cannot be less than 1ms$/],
    [{ Healthcheck: { Retries: -1 } }, /^Retries in Healthcheck cannot be negative$/],
    [{ Hostname: "x", HostConfig: { UTSMode: "host" } }, /^conflicting options: hostname and the UTS mode$/],
    [
      { Hostname: "x", HostConfig: { NetworkMode: "container:y" } },
      /^conflicting options: hostname and the network mode$/,
    ],
    [{ ExposedPorts: { "80/tcp": {} }, HostConfig: { NetworkMode: "container:y" } }, /port exposing/],
    [{ MacAddress: "x", HostConfig: { NetworkMode: "container:y" } }, /mac-address/],
    [{ Hostname: "a\nb" }, /invalid hostname/],
    [{ Hostname: "a".repeat(65) }, /invalid hostname/],
  ];
  for (const [body, message] of refused)
    assert.throws(() => read(body), { code: "engine-invalid", message }, JSON.stringify(body));
});

test("what this machine can't hold to is taken out, with docker's warning", () => {
  const bare = { controllers: new Set<string>(), blkioWeight: false, swapAccounting: false };
  const { host: settled, warnings } = host(
    { Memory: 1e7, CpuShares: 5, PidsLimit: 5, BlkioWeight: 500, OomKillDisable: true },
    bare,
  );
  assert.deepEqual(
    [settled.Memory, settled.MemorySwap, settled.CpuShares, settled.PidsLimit, settled.BlkioWeight],
    [0, 0, 0, 0, 0],
  );
  assert.equal(warnings.length, 5);
  assert.match(
    warnings.join("\n"),
    /Your kernel does not support Block I\/O weight or the cgroup is not mounted\. Weight discarded\./,
  );
  assert.deepEqual(host({ OomKillDisable: true }).warnings, [
    "OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.",
  ]);
  assert.deepEqual(host({ NetworkMode: "host", PortBindings: { "80/tcp": [{}] } }).warnings, [
    "Published ports are discarded when using host network mode",
  ]);
  assert.match(host({ CapAdd: ["SYS_RESOURCE"] }).warnings.join(), /CAP_SYS_RESOURCE/);
  const limits = host(
    { Ulimits: [{ Name: "nofile", Soft: 50_000, Hard: -1 }] },
    { hardLimits: { nofile: 20_000 } },
  );
  assert.deepEqual(limits.host.Ulimits, [{ Name: "nofile", Soft: 20_000, Hard: 20_000 }]);
  assert.match(limits.warnings.join(), /nofile above 20000/);
});

test("memory gets as much swap, and ports, capabilities and modes are settled", () => {
  const { host: settled } = host({
    Memory: 1e7,
    PortBindings: { "80": [{ HostPort: "8080" }], "53/UDP": null },
    CapAdd: ["net_admin", "ALL"],
    NetworkMode: "default",
    PidsLimit: -1,
  });
  assert.equal(settled.MemorySwap, 2e7);
  assert.deepEqual(settled.PortBindings, {
    "80/tcp": [{ HostIp: "", HostPort: "8080" }],
    "53/udp": [{ HostIp: "", HostPort: "" }],
  });
  assert.deepEqual(settled.CapAdd, ["CAP_NET_ADMIN", "ALL"]);
  assert.deepEqual([settled.NetworkMode, settled.PidsLimit], ["bridge", 0]);
  assert.equal(host({}, { cgroup: 2 }).host.CgroupnsMode, "private");
  assert.equal(host({ Privileged: true }, { cgroup: 2 }).host.CgroupnsMode, "host");
  assert.deepEqual(host({ Privileged: true }).host.MaskedPaths, []);
  assert.deepEqual(host({ SecurityOpt: ["systempaths=unconfined"] }).host.ReadonlyPaths, []);
});

test("names that docker takes, and made ones, are names", () => {
  for (const name of ["ab", "a.b-c_d", "0x"]) checkName(name);
  for (const name of ["", "a", "-ab", "a b", "../x", "a/b", ".ab", "a\nb", "ä1", "x".repeat(256)])
    assert.throws(() => checkName(name), {
      code: "engine-invalid",
      message: `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
    });
  for (let i = 0; i < 200; i++) {
    const name = makeName();
    assert.match(name, /^[a-z]+_[a-z]+$/);
    checkName(name);
  }
  assert.match(
    makeName(() => 0.999999),
    /^zesty_yawl$/,
  );
});
