/** Each container's folder: bundle, log, and the files that are mounted into it. Implementation: adapters/container-folders. */
export interface ContainerFolders {
  /** Absolute; a function of the id alone. */
  path(container: string): string;
  make(container: string): Promise<void>;
  /** Writes (in place, so that running containers see it) what is given; the files are there from `make` on. */
  write(container: string, files: { hostname?: string; hosts?: string; resolvConf?: string }): Promise<void>;
  files(container: string): { hostname: string; hosts: string; resolvConf: string; log: string };
  remove(container: string): Promise<void>;
  /** The host's own resolv.conf and hosts. */
  hostFiles(): Promise<{ resolvConf: string; hosts: string }>;
  sweep(known: ReadonlySet<string>): Promise<void>;
}
