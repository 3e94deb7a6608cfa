import type { Digest } from "#oci/digest.ts";
import type { Caller, CallerKind } from "./caller.ts";

/** Who is behind a change, and what allowed it. Changes carry it into their transaction. */
export interface AuditActor {
  readonly actorId: string | undefined;
  readonly actor: string;
  readonly kind: CallerKind;
  /** Client address; empty for the control socket. */
  readonly address: string;
  /** Request id. */
  readonly request: string;
  /** The rule that allowed it, as core/access says. */
  readonly rule: string;
  /** The audit log is off: nothing is written there. Events and owners are known by it all the same. */
  readonly unrecorded?: true;
}

export type AuditAction =
  // Reads, gathered and written in batches:
  | "pull-manifest"
  | "pull-blob"
  // Changes, written in the transaction of the change:
  | "push-blob"
  | "mount-blob"
  | "delete-blob"
  | "push-manifest"
  | "delete-manifest"
  | "create-tag"
  | "move-tag"
  | "delete-tag"
  | "pin-tag"
  | "unpin-tag"
  // Sign-ins and refusals, gathered like reads:
  | "sign-in"
  | "sign-in-failed"
  | "denied"
  // Accounts:
  | "account-added"
  | "account-changed"
  | "account-removed"
  | "group-added"
  | "group-changed"
  | "group-removed"
  | "secret-added"
  | "secret-removed";

/** One line of the audit log. Never holds a password, a token or a secret. */
export interface AuditEntry extends AuditActor {
  /** ms since the epoch. */
  readonly at: number;
  readonly action: AuditAction;
  readonly repository?: string | undefined;
  readonly tag?: string | undefined;
  readonly digest?: Digest | undefined;
  /** Other name that it is about: an account, a group, the repository that a blob was mounted from. */
  readonly subject?: string | undefined;
  /** How many equal reads this line stands for; 1 for changes. */
  readonly count: number;
}

/** Takes what is only gathered (reads, sign-ins, refusals). Never waits, never fails; bounded in memory. */
export interface AuditReads {
  note(entry: Omit<AuditEntry, "at" | "count">): void;
}

/** The actor of a caller's change. */
export function actorOf(caller: Caller, rule: string): AuditActor {
  const { id, name, kind, address, request } = caller;
  return { actorId: id, actor: name, kind, address, request, rule };
}
