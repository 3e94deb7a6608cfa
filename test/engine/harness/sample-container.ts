import type { ContainerConfig, HostConfig } from "#core/engine/container-config.ts";
import { noTime, type ContainerRecord, type ContainerState } from "#core/engine/container.ts";
import type { InspectedContainer } from "#http/docker/needs.ts";
import type { Digest } from "#oci/digest.ts";

export const sampleId = "0123456789abcdef".repeat(4);
export const sampleImage = `sha256:${"ab".repeat(32)}` as Digest;

const config: ContainerConfig = {
  Hostname: sampleId.slice(0, 12),
  Domainname: "",
  User: "",
  AttachStdin: false,
  AttachStdout: true,
  AttachStderr: true,
  ExposedPorts: { "80/tcp": {}, "81/tcp": {} },
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Env: ["PATH=/bin"],
  Cmd: ["sh", "-c", "sleep 60"],
  Image: "busybox",
  Volumes: null,
  WorkingDir: "/",
  Entrypoint: null,
  OnBuild: null,
  Labels: { "com.example.a": "b" },
};

const host: HostConfig = {
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  CgroupParent: "",
  BlkioWeight: 0,
  BlkioWeightDevice: [],
  BlkioDeviceReadBps: [],
  BlkioDeviceWriteBps: [],
  BlkioDeviceReadIOps: [],
  BlkioDeviceWriteIOps: [],
  CpuPeriod: 0,
  CpuQuota: 0,
  CpuRealtimePeriod: 0,
  CpuRealtimeRuntime: 0,
  CpusetCpus: "",
  CpusetMems: "",
  Devices: [],
  DeviceCgroupRules: [],
  DeviceRequests: [],
  MemoryReservation: 0,
  MemorySwap: 0,
  MemorySwappiness: -1,
  OomKillDisable: false,
  PidsLimit: 0,
  Ulimits: [],
  Binds: [],
  ContainerIDFile: "",
  LogConfig: { Type: "json-file", Config: {} },
  NetworkMode: "bridge",
  PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "18080" }] },
  RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
  AutoRemove: false,
  VolumeDriver: "",
  VolumesFrom: [],
  Mounts: [],
  ConsoleSize: [0, 0],
  CapAdd: [],
  CapDrop: [],
  CgroupnsMode: "private",
  Dns: [],
  DnsOptions: [],
  DnsSearch: [],
  ExtraHosts: [],
  GroupAdd: [],
  IpcMode: "private",
  Cgroup: "",
  Links: [],
  OomScoreAdj: 0,
  PidMode: "",
  Privileged: false,
  PublishAllPorts: false,
  ReadonlyRootfs: false,
  SecurityOpt: [],
  StorageOpt: {},
  Tmpfs: {},
  UTSMode: "",
  UsernsMode: "",
  ShmSize: 67108864,
  Sysctls: {},
  Runtime: "crun",
  Isolation: "",
  MaskedPaths: ["/proc/kcore"],
  ReadonlyPaths: ["/proc/sys"],
};

export function sampleRecord(
  parts: Omit<Partial<ContainerRecord>, "state" | "config" | "host"> & {
    state?: Partial<ContainerState>;
    config?: Partial<ContainerConfig>;
    host?: Partial<HostConfig>;
  } = {},
): ContainerRecord {
  const running: ContainerState = {
    status: "running",
    pid: 4711,
    exitCode: 0,
    error: "",
    oomKilled: false,
    startedAt: new Date(Date.now() - 5_000).toISOString(),
    finishedAt: noTime,
  };
  return {
    id: sampleId,
    name: "web",
    created: "2026-01-02T03:04:05.678901234Z",
    image: sampleImage,
    layers: [],
    platform: "linux/amd64",
    path: "sh",
    args: ["-c", "sleep 60"],
    mounts: [],
    endpoints: {
      bridge: {
        networkId: "fe".repeat(32),
        requested: { aliases: [], links: [], driverOptions: {} },
        now: {
          endpointId: "ed".repeat(32),
          interface: "eth0",
          hostInterface: "veth0",
          mac: "02:42:ac:11:00:02",
          ipv4: "172.17.0.2",
          prefix4: 16,
          gateway4: "172.17.0.1",
          ipv6: "",
          prefix6: 0,
          gateway6: "",
        },
      },
    },
    ports: [
      { port: "80/tcp", hostIp: "0.0.0.0", hostPort: 18080 },
      { port: "80/tcp", hostIp: "::", hostPort: 18080 },
    ],
    restarts: 0,
    stoppedByHand: false,
    ...parts,
    state: { ...running, ...parts.state },
    config: { ...config, ...parts.config },
    host: { ...host, ...parts.host },
  };
}

export function sampleContainer(record = sampleRecord()): InspectedContainer {
  return {
    record,
    imageName: "busybox",
    sizes: undefined,
    execs: [],
    logPath: "/data/containers/x/log",
    hostnamePath: "/data/containers/x/hostname",
    hostsPath: "/data/containers/x/hosts",
    resolvConfPath: "/data/containers/x/resolv.conf",
    appArmorProfile: "",
    rootfs: { lower: "/l", upper: "/u", work: "/w", merged: "/m" },
  };
}
