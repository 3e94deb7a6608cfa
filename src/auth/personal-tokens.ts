import type { Caller, Right } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";
import type { Secret } from "#core/metadata/accounts.ts";
import { hashSecret, newSecret } from "#kit/secrets.ts";
import { checkExpiry, checkLabel, checkRights } from "./account-rules.ts";
import type { AccountParts } from "./account-parts.ts";
import { mayManage, mayManageOwn } from "./may-manage.ts";
import { prefixes } from "./secret-text.ts";
import { findAccount } from "./users.ts";

export interface NewToken {
  label: string;
  /** Undefined: all that the user may. */
  limits: readonly Right[] | undefined;
  /** ms; undefined: in a year. */
  expiresAt: number | "never" | undefined;
}

export interface PersonalTokens {
  /** Personal and refresh tokens of a user, newest first; nothing that could be used. */
  list(caller: Caller, user: string): Promise<Secret[]>;
  /** With its text, which nobody can be shown again. */
  add(caller: Caller, user: string, token: NewToken): Promise<{ token: Secret; secret: string }>;
  /** Ends a personal or refresh token, and the access tokens that were issued from it. */
  remove(caller: Caller, id: number): Promise<void>;
}

const mostTokens = 1_000;
/** Characters of all limits as JSON: each access token that is issued for them carries them. */
const longestLimits = 6_000;

/** Tokens that users make for themselves and use like a password. */
export function createPersonalTokens(parts: AccountParts): PersonalTokens {
  const { accounts, clock } = parts;
  return {
    async list(caller, user) {
      mayManageOwn(caller, user);
      const { id } = await findAccount(parts, "user", user);
      return accounts.secrets(id);
    },
    async add(caller, user, { label, limits, expiresAt }) {
      const by = mayManageOwn(caller, user);
      const { id: accountId } = await findAccount(parts, "user", user);
      const own = (await accounts.secrets(accountId)).filter(({ kind }) => kind === "personal");
      if (own.length >= mostTokens)
        throw new AppError("account-invalid", `${user} has ${mostTokens} tokens: remove some first`);
      const text = newSecret(prefixes.personal);
      const secret = {
        accountId,
        kind: "personal" as const,
        hash: hashSecret(text),
        label: checkLabel(label),
        limits: limits === undefined ? undefined : checkLimits(limits),
        expiresAt: checkExpiry(expiresAt, clock()),
      };
      const id = await accounts.addSecret(secret, by, clock());
      const token = id === "no-account" ? undefined : await accounts.secretById(id);
      if (token === undefined) throw new AppError("account-unknown", `there is no user ${user} any more`);
      return { token, secret: text };
    },
    async remove(caller, id) {
      const secret = await accounts.secretById(id);
      const owner = secret && (await accounts.byId(secret.accountId));
      // Somebody else's token and none look alike to whoever may not manage it.
      const by = owner?.kind === "user" ? mayManageOwn(caller, owner.name) : mayManage(caller);
      if (secret === undefined || secret.kind === "robot" || !(await accounts.removeSecret(id, by, clock())))
        throw new AppError("account-unknown", `there is no token ${id}: "berth token list USER" shows them`);
    },
  };
}

function checkLimits(limits: readonly Right[]): readonly Right[] {
  const { length } = JSON.stringify(checkRights(limits));
  if (length <= longestLimits) return limits;
  throw new AppError(
    "account-invalid",
    `the limits have ${length} characters, ${longestLimits} are the most: say them with patterns`,
  );
}
