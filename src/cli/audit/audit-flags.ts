import { parseDuration } from "#config/duration.ts";
import { didYouMean } from "#config/nearest-name.ts";
import type { AuditAction } from "#core/audit.ts";
import type { AuditFilter } from "#core/metadata/audit-log.ts";
import type { Flags, FlagSpec } from "../parse-flags.ts";
import { UsageError } from "../usage-error.ts";

/** The flags of `berth audit` beside those of the configuration. */
export const AUDIT_FLAGS = {
  since: { type: "string" },
  repository: { type: "string" },
  actor: { type: "string" },
  action: { type: "string" },
  limit: { type: "string" },
  json: { type: "boolean" },
  follow: { type: "boolean" },
} as const satisfies Record<string, FlagSpec>;

/** Every action, so that a misspelt one isn't taken for one without entries. */
const ACTIONS = {
  "pull-manifest": true,
  "pull-blob": true,
  "push-blob": true,
  "mount-blob": true,
  "delete-blob": true,
  "push-manifest": true,
  "delete-manifest": true,
  "create-tag": true,
  "move-tag": true,
  "delete-tag": true,
  "pin-tag": true,
  "unpin-tag": true,
  "sign-in": true,
  "sign-in-failed": true,
  denied: true,
  "account-added": true,
  "account-changed": true,
  "account-removed": true,
  "group-added": true,
  "group-changed": true,
  "group-removed": true,
  "secret-added": true,
  "secret-removed": true,
} as const satisfies Record<AuditAction, true>;

const defaultLimit = 100;
const largestLimit = 100_000;

/** What the flags choose. @param now ms since the epoch. Throws UsageError. */
export function auditFilter(flags: Flags, now: number): AuditFilter {
  const [since] = flags.get("since") ?? [];
  const [action] = flags.get("action") ?? [];
  return {
    since: since === undefined ? undefined : pointInTime(since, now),
    repository: flags.get("repository")?.[0],
    actor: flags.get("actor")?.[0],
    action: action === undefined ? undefined : knownAction(action),
  };
}

/** Throws UsageError. */
export function auditLimit(flags: Flags): number {
  const [text] = flags.get("limit") ?? [];
  if (text === undefined) return defaultLimit;
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
  if (limit >= 1 && limit <= largestLimit) return limit;
  throw new UsageError(`--limit "${text}" is not a number from 1 to ${largestLimit}`);
}

function pointInTime(text: string, now: number): number {
  if (/^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/.test(text)) {
    const at = Date.parse(text);
    if (!Number.isNaN(at)) return at;
  }
  try {
    return now - parseDuration(text);
  } catch {
    throw new UsageError(
      `--since "${text}" is neither a time (2026-01-31T12:00:00Z) nor a duration (30m, 24h, 7d)`,
    );
  }
}

function knownAction(text: string): AuditAction {
  if (Object.hasOwn(ACTIONS, text)) return text as AuditAction;
  const all = Object.keys(ACTIONS);
  throw new UsageError(`no action "${text}"${didYouMean(text, all) || `; there are ${all.join(", ")}`}`);
}
