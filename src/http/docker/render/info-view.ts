import type { EngineInfo } from "../needs.ts";

const machines: Record<string, string> = { amd64: "x86_64", arm64: "aarch64", arm: "armv7l", "386": "i686" };

/** Docker Engine API "SystemInfo". */
export function infoView(info: EngineInfo, now: Date): object {
  const { facts, containers } = info;
  const has = (controller: string) => facts.controllers.has(controller);
  const security = ["name=seccomp,profile=builtin"];
  if (facts.appArmor) security.unshift("name=apparmor");
  if (info.remapped === true) security.push("name=userns");
  if (facts.cgroup === 2) security.push("name=cgroupns");
  const commit = { ID: "", Expected: "" };
  return {
    ID: info.id,
    Containers: containers.running + containers.paused + containers.stopped,
    ContainersRunning: containers.running,
    ContainersPaused: containers.paused,
    ContainersStopped: containers.stopped,
    Images: info.images,
    Driver: "overlay2",
    DriverStatus: [],
    Plugins: {
      Volume: ["local"],
      Network: ["bridge", "host", "null"],
      Authorization: null,
      Log: ["json-file", "local", "none"],
    },
    MemoryLimit: has("memory"),
    SwapLimit: facts.swapAccounting,
    CpuCfsPeriod: has("cpu"),
    CpuCfsQuota: has("cpu"),
    CPUShares: has("cpu"),
    CPUSet: has("cpuset"),
    PidsLimit: has("pids"),
    IPv4Forwarding: true,
    BridgeNfIptables: true,
    BridgeNfIp6tables: true,
    Debug: false,
    NFd: 0,
    OomKillDisable: facts.cgroup === 1,
    NGoroutines: 0,
    SystemTime: now.toISOString(),
    LoggingDriver: "json-file",
    CgroupDriver: "cgroupfs",
    CgroupVersion: String(facts.cgroup),
    NEventsListener: 0,
    KernelVersion: info.kernel,
    OperatingSystem: info.operatingSystem,
    OSVersion: "",
    OSType: "linux",
    Architecture: machines[facts.architecture] ?? facts.architecture,
    IndexServerAddress: "https://index.docker.io/v1/",
    RegistryConfig: registries(info.registries),
    NCPU: facts.cores,
    MemTotal: facts.memory,
    GenericResources: null,
    DockerRootDir: info.dataFolder,
    HttpProxy: "",
    HttpsProxy: "",
    NoProxy: "",
    Name: info.hostName,
    Labels: [],
    ExperimentalBuild: false,
    ServerVersion: info.version,
    Runtimes: { [facts.name]: { path: facts.program } },
    DefaultRuntime: facts.name,
    Swarm: {
      NodeID: "",
      NodeAddr: "",
      LocalNodeState: "inactive",
      ControlAvailable: false,
      Error: "",
      RemoteManagers: null,
    },
    LiveRestoreEnabled: true,
    Isolation: "",
    InitBinary: facts.init ?? "",
    ContainerdCommit: commit,
    RuncCommit: facts.name === "runc" ? { ID: facts.version, Expected: facts.version } : commit,
    InitCommit: commit,
    SecurityOptions: security,
    CDISpecDirs: [],
    Warnings: info.warnings.length === 0 ? null : info.warnings,
  };
}

function registries(hosts: readonly string[]): object {
  const index = (name: string, official: boolean) => ({
    Name: name,
    Mirrors: [],
    Secure: true,
    Official: official,
  });
  return {
    AllowNondistributableArtifactsCIDRs: null,
    AllowNondistributableArtifactsHostnames: null,
    InsecureRegistryCIDRs: ["127.0.0.0/8"],
    IndexConfigs: Object.fromEntries([
      ["docker.io", index("docker.io", true)],
      ...hosts.map((host) => [host, index(host, false)] as const),
    ]),
    Mirrors: null,
  };
}
