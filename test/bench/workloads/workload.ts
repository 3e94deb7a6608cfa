import type { Measurement, Unit } from "../measurement.ts";
import type { RunningServer, Server } from "../servers/server.ts";
import type { Upstream } from "../servers/upstream.ts";
import type { Settings } from "../settings.ts";

/** A line of the table. */
export interface Row {
  /** For --only, targets and JSON. */
  name: string;
  title: string;
  unit: Unit;
}

/** One kind of work; most give one row, pages of tags give two. */
export interface Workload {
  rows: readonly Row[];
  /** Why a server has no such row, or undefined when it can be measured. */
  leavesOut(server: Server): string | undefined;
  /** Throws what this machine lacks for it, and how to get it. */
  prepare?(): Promise<void>;
  /** Bytes that one measurement may write to disk. */
  disk(settings: Settings): number;
  /** One measurement a row, in their order; rows at the end that the server can't have are left out. May throw `LeftOut`. */
  measure(bout: Bout): Promise<Measurement[]>;
}

/** One server's turn at one workload. */
export interface Bout {
  server: Server;
  /** Empty, and removed afterwards. */
  folder: string;
  settings: Settings;
  /** Path of wrk, where it is installed. */
  wrk: string | undefined;
  /** Path of nginx, where it is installed. */
  nginx: string | undefined;
  /** What caches pull from, in a run of them. */
  upstream: Upstream | undefined;
  /** From 0. */
  round: number;
  /** A repository that no turn used before. */
  repository: string;
  signal: AbortSignal;
}

export type Work = (running: RunningServer) => Promise<Measurement[]>;

/** Thrown when a server turns out not to take part; a note in the table, not a failure. */
export class LeftOut extends Error {}

/** Rows that push: a file server has none. */
export function needsRegistry(server: Server): string | undefined {
  return server.kind === "files" ? "serves files only" : undefined;
}
