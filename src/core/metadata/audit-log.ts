import type { AuditAction, AuditEntry } from "../audit.ts";

/** The audit table: rows are added and, when they are older than they must be kept, dropped; never changed. */
export interface AuditLog {
  /** Adds gathered entries in one transaction. Changes write their own rows with themselves. */
  append(entries: readonly AuditEntry[]): Promise<void>;
  /** Entries by id, ascending, after `after`, at most `limit`. */
  list(filter: AuditFilter, after: number, limit: number): Promise<AuditRecord[]>;
  /** The newest `limit` entries that match, ascending. */
  latest(filter: AuditFilter, limit: number): Promise<AuditRecord[]>;
  /** Drops up to `limit` entries from before `before` (ms); how many went. */
  drop(before: number, limit: number): Promise<number>;
  /** Id of the last entry that was written to the lines file; 0 at first. */
  written(): Promise<number>;
  setWritten(id: number): Promise<void>;
}

export interface AuditRecord extends AuditEntry {
  /** Grows with every entry. */
  readonly id: number;
}

export interface AuditFilter {
  /** ms, inclusive. */
  since?: number | undefined;
  until?: number | undefined;
  actor?: string | undefined;
  repository?: string | undefined;
  action?: AuditAction | undefined;
}
