import { actions, type Grant, type Identity, type Right } from "#core/caller.ts";
import type { Authenticated } from "./authenticated.ts";
import { readAccess } from "./access-claims.ts";

/** What is behind an access token of ours, in its private claim `berth`. */
export interface TokenOrigin {
  readonly kind: "anonymous" | "user" | "robot" | "workload";
  readonly id: string | undefined;
  /** Row id of the account; undefined for htpasswd users, workloads and anonymous. */
  readonly uid: number | undefined;
  /** Row id of the secret that it was issued from. */
  readonly sid: number | undefined;
  readonly groups: readonly string[];
  readonly limits: readonly Right[] | undefined;
  /** When its credential was proved, ms: `iat` in more detail. */
  readonly at: number;
}

export interface TokenContent {
  readonly name: string;
  readonly origin: TokenOrigin;
  readonly grants: readonly Grant[];
  /** Seconds since the epoch. */
  readonly exp: number;
}

/** The claim's content for somebody; undefined: anonymous. */
export function originOf(who: Authenticated | undefined, at: number): TokenOrigin {
  if (who === undefined)
    return {
      kind: "anonymous",
      id: undefined,
      uid: undefined,
      sid: undefined,
      groups: [],
      limits: undefined,
      at,
    };
  const { identity, accountId, secretId, limits } = who;
  const { kind, id } = identity as Identity & { kind: TokenOrigin["kind"] };
  // Only a workload's groups are said by its token; an account's are looked up for every request.
  const groups = kind === "workload" ? identity.groups : [];
  return { kind, id, uid: accountId, sid: secretId, groups, limits, at };
}

/** The content of verified claims; undefined when they aren't ours (another version's, another use's). */
export function readClaims(claims: Readonly<Record<string, unknown>>): TokenContent | undefined {
  const { sub, exp, access, berth } = claims;
  if (typeof sub !== "string" || typeof exp !== "number") return undefined;
  if (typeof berth !== "object" || berth === null) return undefined;
  const { kind, id, uid, sid, groups, limits, at } = berth as Record<string, unknown>;
  if (kind !== "anonymous" && kind !== "user" && kind !== "robot" && kind !== "workload") return undefined;
  if (
    typeof at !== "number" ||
    !optional(id, "string") ||
    !optional(uid, "number") ||
    !optional(sid, "number")
  )
    return undefined;
  const grants = readAccess(access);
  if (grants === undefined || !(groups === undefined || isTexts(groups))) return undefined;
  if (!(limits === undefined || (Array.isArray(limits) && limits.every(isRight)))) return undefined;
  return { name: sub, origin: { kind, id, uid, sid, groups: groups ?? [], limits, at }, grants, exp };
}

function optional<T extends "string" | "number">(
  value: unknown,
  type: T,
): value is (T extends "string" ? string : number) | undefined {
  return value === undefined || typeof value === type;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isRight(value: unknown): value is Right {
  const right = value as Partial<Right> | null;
  return (
    typeof right?.repositories === "string" &&
    Array.isArray(right.actions) &&
    right.actions.every((action: unknown) => actions.some((one) => one === action))
  );
}
