/** A key that a flag of the command line sets; several values when the flag was repeated. */
export interface FlagValue {
  /** `--log-level` */
  flag: string;
  /** `log.level` */
  key: string;
  values: readonly string[];
}

export interface ConfigSources {
  /** Text of the file, if there is one, and its name for messages. */
  file?: { text: string; name: string } | undefined;
  environment: Readonly<Record<string, string | undefined>>;
  flags: readonly FlagValue[];
  /** `data` when nobody sets it. */
  defaultData: string;
  /** Cores that `workers: auto` may count on. */
  cores: number;
  /** Makes the name of a folder absolute. */
  resolvePath: (path: string) => string;
}
