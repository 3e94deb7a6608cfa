import type { Right } from "#core/caller.ts";

/** Who signed in to a session, and what must still hold for it to last. Kept as JSON. */
export type SessionIdentity =
  | {
      /** Row id. */
      readonly account: number;
      /** Row id of the personal token that was used instead of the password. */
      readonly secret: number | undefined;
      readonly limits: readonly Right[] | undefined;
      /** When the credential was proved, ms. */
      readonly at: number;
    }
  | {
      /** Name of a user of the htpasswd file. */
      readonly htpasswd: string;
      /** SHA-256 of what his line held, hex. */
      readonly line: string;
    };

/** Undefined: another version wrote it. */
export function readSessionIdentity(text: string): SessionIdentity | undefined {
  const fields = JSON.parse(text) as Record<string, unknown>;
  const { account, secret, limits, at, htpasswd, line } = fields;
  if (typeof htpasswd === "string" && typeof line === "string") return { htpasswd, line };
  if (typeof account !== "number" || typeof at !== "number") return undefined;
  if (secret !== undefined && typeof secret !== "number") return undefined;
  if (limits !== undefined && !Array.isArray(limits)) return undefined;
  return { account, secret, limits: limits as readonly Right[] | undefined, at };
}
