import type { Accounts } from "#core/metadata/accounts.ts";
import type { Mutate, Read } from "./access.ts";
import type { Connection } from "./connection.ts";
import { accountReads } from "./reads/read-accounts.ts";

/** Accounts of the seam: reads here, mutations as data. */
export function sqliteAccounts(db: Connection, read: Read, mutate: Mutate): Accounts {
  const accounts = accountReads(db);
  return {
    version: () => read(() => accounts.version()),
    byName: (name) => read(() => accounts.byName(name)),
    byId: (id) => read(() => accounts.byId(id)),
    list: (kind, page) => read(() => accounts.list(kind, page)),
    hasAdmin: () => read(() => accounts.hasAdmin()),
    add: (account, by, now) => mutate("addAccount", { account, by, now }),
    change: (id, change, by, now) => mutate("changeAccount", { id, change, by, now }),
    remove: (id, by, now) => mutate("removeAccount", { id, by, now }),
    groups: () => read(() => accounts.groups()),
    addGroup: (name, by, now) => mutate("addGroup", { name, by, now }),
    removeGroup: (name, by, now) => mutate("removeGroup", { name, by, now }),
    join: (group, accountId, by, now) => mutate("joinGroup", { group, accountId, by, now }),
    leave: (group, accountId, by, now) => mutate("leaveGroup", { group, accountId, by, now }),
    addSecret: (secret, by, now) => mutate("addSecret", { secret, by, now }),
    secret: (hash) => read(() => accounts.secret(hash)),
    secretById: (id) => read(() => accounts.secretById(id)),
    secrets: (accountId) => read(() => accounts.secrets(accountId)),
    removeSecret: (id, by, now) => mutate("removeSecret", { id, by, now }),
    dropExpiredSecrets: (now) => mutate("dropExpiredSecrets", { now }),
  };
}
