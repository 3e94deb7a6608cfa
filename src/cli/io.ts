/** Where a verb writes. A stream, or anything that takes text; bytes come only from verbs that hand on a program's output. */
export interface Output {
  write(text: string | Uint8Array): unknown;
  /** A person reads along: colours are welcome. */
  isTTY?: boolean | undefined;
  /** How wide the terminal is, in characters. */
  columns?: number | undefined;
  /** How high it is. */
  rows?: number | undefined;
}

/** Where a verb reads what it isn't told by flags: a terminal, or whatever was piped in. */
export interface Input extends AsyncIterable<Uint8Array | string> {
  isTTY?: boolean | undefined;
  /** Of terminals: keys come one by one, and aren't shown. */
  setRawMode?(on: boolean): unknown;
  /** Lets the process end although the terminal could still say something. */
  unref?(): unknown;
}

/** All that a verb knows of the process and the machine; `main.ts` fills it in, tests write their own. */
export interface Io {
  stdout: Output;
  stderr: Output;
  /** Undefined: there is nothing to read. */
  stdin?: Input | undefined;
  env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths start from. */
  cwd: string;
  machine: Machine;
}

export interface Machine {
  /** Cores that this process may use. */
  cores: number;
  /** The user's home folder. */
  home: string;
  /** Whether the user is root. */
  root: boolean;
  /** Berth runs from a checkout's sources, and not as an installed package. */
  fromSource: boolean;
}

/** What a verb answers with. */
export const EXIT = { ok: 0, failure: 1, usage: 2 } as const;

/** A verb: arguments after its name → exit code. */
export type Verb = (argv: readonly string[], io: Io) => Promise<number>;
