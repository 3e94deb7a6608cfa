/** The `engine` section: containers on this machine. Folders and files are absolute. */
export interface EngineConfig {
  /** `berth serve` starts the engine beside itself; `berth engine` doesn't ask for it. */
  enabled: boolean;
  listen: EngineAddress[];
  /** Who may open the unix sockets, by name or number; undefined: `docker` where there is such a group, else root. */
  group: string | undefined;
  /** For `tcp://` addresses, which ask every client for a certificate. */
  tls: EngineTlsConfig | undefined;
  /**
   * Images, containers, volumes. `DATA-engine` beside `data` by default: who owns `data` could else put containers there
   * that root runs.
   */
  data: string;
  /** What a reboot may forget. */
  run_folder: string;
  runtime: "auto" | "crun" | "runc";
  /** Further `host[:port]` that mean this registry, beside its own addresses and `external_url`'s host. */
  registry_names: string[];
  /** `host[:port]` and CIDRs of registries that are asked over http, or with any certificate. */
  insecure_registries: string[];
  /** CIDRs of the network `bridge`; without `subnet` one that is free, without `ipv6` IPv4 alone. */
  bridge: { subnet: string | undefined; ipv6: string | undefined };
  /** Of each container whose creator didn't say. `max_size` 0: one file without bound. */
  log: { max_size: number; max_files: number };
  /** Ids of this machine that containers' ids 0, 1, … are; undefined: the same ones. */
  userns_remap: { first: number; count: number } | undefined;
  /** The program of `--init`; undefined: tini or catatonit, where it is found. */
  init: string | undefined;
  default_ulimits: { name: string; soft: number; hard: number }[];
  /** Name servers of containers whose creator named none; empty: this machine's. */
  dns: string[];
}

/** PEM, absolute. */
export interface EngineTlsConfig {
  certificate: string;
  key: string;
  /** The CA of those who may use the engine: each of them is root on this machine. */
  client_ca: string;
}

export type EngineAddress = { path: string } | { host: string; port: number };
