import type { RuntimeProcess, RuntimeSpec } from "#oci/runtime-spec.ts";
import type { Attachment, LogLine, LogQuery } from "./output.ts";

/**
 * Keeps watch over containers' processes beside this one: holds their streams, writes their logs, notes their ends, and
 * goes on when the engine is killed. Implementation: adapters/conmon (with a Runtime from adapters/oci-runtime).
 * Errors: engine-failed; start-failed with the runtime's own words (see `startFault`).
 */
export interface Monitor {
  /** A process may be started in a moment: what needs nothing of it is done meanwhile. */
  expectProcess(): void;
  /**
   * Makes the container's process, not started yet, in the network namespace etc. of its spec; its streams are attached
   * before it resolves. Throws start-failed; then nothing of it is left.
   */
  create(launch: Launch): Promise<{ pid: number }>;
  /** Lets it run. Throws start-failed (the process is gone then; `exit` resolves). */
  start(id: string): Promise<void>;
  /** When its end was noted: at once where it ended before. Resolves once its output is complete in log and attachments. */
  exit(id: string): Promise<Exit>;
  /** Takes up a container that this process didn't start. Undefined: nothing of it is known here (host rebooted). */
  adopt(launch: Omit<Launch, "spec">): Promise<{ pid: number; running: boolean } | undefined>;
  /** Undefined: it isn't running. */
  attach(id: string): Attachment | undefined;
  resize(id: string, size: TerminalSize): Promise<void>;
  /** The log as far as it was written; `follow` ends when the container ends. Works for containers that ended, too. */
  logs(id: string, query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine>;
  /** Frees what watching took (bridge, exit record, pid files; not the log); the runtime's own is removed, too. */
  release(id: string): Promise<void>;

  /** Another process in a running container. Throws start-failed. */
  exec(exec: ExecLaunch): Promise<RunningExec>;
  /**
   * Takes up the sessions that another process started in an adopted container; once, after `adopt`. Those that ended
   * meanwhile are among them; those without a note are nobody's, and are ended.
   */
  adoptExecs(container: string): Promise<AdoptedExec[]>;

  /** Files and processes of containers that nobody knows are removed (left by a crash). */
  sweep(known: ReadonlySet<string>): Promise<void>;
}

export interface Launch {
  id: string;
  name: string;
  /** The container's folder. What a reboot may forget (bundle, sockets, exit record) lies in the monitor's run folder. */
  folder: string;
  spec: RuntimeSpec;
  tty: boolean;
  stdin: boolean;
  /** Stdin ends with the first attachment that ends it (`endInput`); one that is closed leaves it open. */
  stdinOnce: boolean;
  log: LogRule;
}

export interface LogRule {
  /** none: nothing is kept. */
  driver: "file" | "none";
  /** Bytes of one file; 0: no bound. */
  maxSize: number;
  maxFiles: number;
}

export interface Exit {
  /** 128+n for signal n. */
  code: number;
  oomKilled: boolean;
  /** RFC 3339. */
  at: string;
}

export interface TerminalSize {
  rows: number;
  columns: number;
}

export interface ExecLaunch {
  /** Of the container. */
  container: string;
  /** Of the exec session, 64 hex. */
  id: string;
  /** The container's folder; the session's files lie below. */
  folder: string;
  process: RuntimeProcess;
  tty: boolean;
  stdin: boolean;
  /** Nobody will attach. */
  detached: boolean;
  size?: TerminalSize;
  /** Kept with the session, and given back by `adoptExecs`: anything JSON can say. */
  note?: unknown;
}

export interface RunningExec {
  pid: number;
  /** Undefined when detached. */
  attachment: Attachment | undefined;
  /** Its exit code, once its output is complete. Never rejects: 255 when it can't be known. */
  exit: Promise<number>;
  resize(size: TerminalSize): Promise<void>;
}

/** Its streams are gone; it goes on without. */
export interface AdoptedExec extends Omit<RunningExec, "attachment"> {
  id: string;
  /** Its launch's. */
  note: unknown;
}
