import type { Identity } from "#core/caller.ts";
import type { Account, Accounts, Secret } from "#core/metadata/accounts.ts";
import { identityOf, isUsable } from "./identity.ts";

/** What accounts are now, kept while nothing about accounts changes: for every request of a token. */
export interface LiveIdentities {
  /**
   * The identity as it is now; undefined when the account is gone, disabled or expired, its tokens from
   * then were ended, or the secret that they came from is gone.
   * @param issuedAt ms; @param secretId row of the secret that the token was issued from, if any.
   */
  live(accountId: number, secretId: number | undefined, issuedAt: number): Promise<Identity | undefined>;
}

interface View {
  account: Account;
  identity: Identity;
}

const mostKept = 10_000;

export function createLiveIdentities(accounts: Accounts, clock: () => number): LiveIdentities {
  let version = -1;
  const views = new Map<number, View | undefined>();
  const secrets = new Map<number, Secret | undefined>();

  let ofThisTurn: Promise<number> | undefined;

  /** Requests that arrive in one turn of the event loop share one look: none of them came after the other. */
  function newest(): Promise<number> {
    if (ofThisTurn === undefined) {
      ofThisTurn = accounts.version();
      setImmediate(() => (ofThisTurn = undefined));
    }
    return ofThisTurn;
  }

  async function refresh(): Promise<void> {
    const now = await newest();
    if (now === version && views.size < mostKept && secrets.size < mostKept) return;
    version = now;
    views.clear();
    secrets.clear();
  }

  /** Read through; what was read before a newer version was seen isn't kept. */
  async function kept<T>(map: Map<number, T>, id: number, read: () => Promise<T>): Promise<T> {
    if (map.has(id)) return map.get(id) as T;
    const before = version;
    const value = await read();
    if (version === before) map.set(id, value);
    return value;
  }

  async function view(id: number): Promise<View | undefined> {
    const account = await accounts.byId(id);
    return account && { account, identity: identityOf(account) };
  }

  return {
    async live(accountId, secretId, issuedAt) {
      await refresh();
      const found = await kept(views, accountId, () => view(accountId));
      if (found === undefined || !isUsable(found.account, clock())) return undefined;
      if (issuedAt < found.account.tokensFrom) return undefined;
      if (secretId !== undefined) {
        const secret = await kept(secrets, secretId, () => accounts.secretById(secretId));
        if (secret?.accountId !== accountId) return undefined;
        if (secret.expiresAt !== undefined && secret.expiresAt <= clock()) return undefined;
      }
      return found.identity;
    },
  };
}
