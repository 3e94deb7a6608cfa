/**
 * A container as the Docker Engine API writes it: field names are the wire's, so that inspect gives back what create
 * took. Zero, null, "" and absent mean "default" on the wire; engine/create reads it and settles them, so these types
 * hold settled values. Docker Engine API 1.47 "ContainerConfig", "HostConfig".
 */

/** `80/tcp` */
export type PortName = string;

export interface ContainerConfig {
  /** "" until create settles it: the short id. */
  Hostname: string;
  Domainname: string;
  /** `user[:group]`, names or numbers; "" is root. */
  User: string;
  AttachStdin: boolean;
  AttachStdout: boolean;
  AttachStderr: boolean;
  ExposedPorts?: Record<PortName, Record<string, never>>;
  Tty: boolean;
  OpenStdin: boolean;
  /** Stdin ends when the one who attached it leaves. */
  StdinOnce: boolean;
  /** `NAME=value`, the image's first. */
  Env: string[];
  Cmd: string[] | null;
  Healthcheck?: Healthcheck;
  /** As the client wrote it. */
  Image: string;
  Volumes: Record<string, Record<string, never>> | null;
  WorkingDir: string;
  Entrypoint: string[] | null;
  NetworkDisabled?: boolean;
  OnBuild: string[] | null;
  Labels: Record<string, string>;
  StopSignal?: string;
  /** Seconds. */
  StopTimeout?: number;
  Shell?: string[];
}

/** Durations are ns, 0 is the default. */
export interface Healthcheck {
  /** [] inherit, ["NONE"], ["CMD", …], ["CMD-SHELL", text] */
  Test: string[];
  Interval?: number;
  Timeout?: number;
  StartPeriod?: number;
  StartInterval?: number;
  Retries?: number;
}

export interface PortBinding {
  HostIp: string;
  /** A number; "" or "0": any free one. `8000-8010`: one of these. */
  HostPort: string;
}

export interface RestartPolicy {
  Name: "no" | "always" | "unless-stopped" | "on-failure";
  MaximumRetryCount: number;
}

export interface MountRequest {
  Type: "bind" | "volume" | "tmpfs";
  /** Path or volume name; "" for tmpfs and anonymous volumes. */
  Source: string;
  Target: string;
  ReadOnly?: boolean;
  Consistency?: string;
  BindOptions?: { Propagation?: string; NonRecursive?: boolean; CreateMountpoint?: boolean };
  VolumeOptions?: {
    NoCopy?: boolean;
    Labels?: Record<string, string>;
    DriverConfig?: { Name?: string; Options?: Record<string, string> };
    Subpath?: string;
  };
  TmpfsOptions?: { SizeBytes?: number; Mode?: number };
}

export interface Ulimit {
  Name: string;
  Soft: number;
  Hard: number;
}

export interface DeviceMapping {
  PathOnHost: string;
  PathInContainer: string;
  CgroupPermissions: string;
}

export interface ThrottleDevice {
  Path: string;
  Rate: number;
}

/** What `update` can change. 0 (PidsLimit: 0 or less; MemorySwappiness: -1) is "no limit". */
export interface Resources {
  CpuShares: number;
  /** Bytes. */
  Memory: number;
  NanoCpus: number;
  CgroupParent: string;
  BlkioWeight: number;
  BlkioWeightDevice: { Path: string; Weight: number }[];
  BlkioDeviceReadBps: ThrottleDevice[];
  BlkioDeviceWriteBps: ThrottleDevice[];
  BlkioDeviceReadIOps: ThrottleDevice[];
  BlkioDeviceWriteIOps: ThrottleDevice[];
  /** µs */
  CpuPeriod: number;
  CpuQuota: number;
  CpuRealtimePeriod: number;
  CpuRealtimeRuntime: number;
  CpusetCpus: string;
  CpusetMems: string;
  Devices: DeviceMapping[];
  DeviceCgroupRules: string[];
  DeviceRequests: unknown[];
  MemoryReservation: number;
  /** Memory and swap together; -1: unlimited swap. */
  MemorySwap: number;
  MemorySwappiness: number;
  OomKillDisable: boolean;
  PidsLimit: number;
  Ulimits: Ulimit[];
}

export interface HostConfig extends Resources {
  /** `source:target[:options]` */
  Binds: string[];
  ContainerIDFile: string;
  LogConfig: { Type: string; Config: Record<string, string> };
  /** `bridge` (also for "default"), `none`, `host`, `container:X`, or a network's name or id. */
  NetworkMode: string;
  PortBindings: Record<PortName, PortBinding[]>;
  RestartPolicy: RestartPolicy;
  AutoRemove: boolean;
  VolumeDriver: string;
  VolumesFrom: string[];
  Mounts: MountRequest[];
  ConsoleSize: [number, number];
  CapAdd: string[];
  CapDrop: string[];
  CgroupnsMode: string;
  Dns: string[];
  DnsOptions: string[];
  DnsSearch: string[];
  ExtraHosts: string[];
  GroupAdd: string[];
  /** `private`, `shareable`, `host`, `none`, `container:X` */
  IpcMode: string;
  Cgroup: string;
  Links: string[];
  OomScoreAdj: number;
  /** "", `host`, `container:X` */
  PidMode: string;
  Privileged: boolean;
  PublishAllPorts: boolean;
  ReadonlyRootfs: boolean;
  SecurityOpt: string[];
  StorageOpt: Record<string, string>;
  Tmpfs: Record<string, string>;
  /** "", `host` */
  UTSMode: string;
  /** "", `host`, `private` */
  UsernsMode: string;
  /** Bytes of /dev/shm. */
  ShmSize: number;
  Sysctls: Record<string, string>;
  Runtime: string;
  Isolation: string;
  MaskedPaths: string[];
  ReadonlyPaths: string[];
  Init?: boolean;
  Annotations?: Record<string, string>;
}
