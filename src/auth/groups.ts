import type { Caller } from "#core/caller.ts";
import { AppError } from "#core/errors.ts";
import type { Group } from "#core/metadata/accounts.ts";
import { checkName } from "./account-rules.ts";
import type { AccountParts } from "./account-parts.ts";
import { mayManage } from "./may-manage.ts";

export interface Groups {
  list(caller: Caller): Promise<Group[]>;
  get(caller: Caller, name: string): Promise<Group>;
  add(caller: Caller, name: string): Promise<Group>;
  remove(caller: Caller, name: string): Promise<void>;
  /** @param account name of a user or robot. */
  join(caller: Caller, group: string, account: string): Promise<void>;
  leave(caller: Caller, group: string, account: string): Promise<void>;
}

/** Groups of accounts, for the policy's rules. */
export function createGroups({ accounts, clock }: AccountParts): Groups {
  async function found(name: string): Promise<Group> {
    const group = (await accounts.groups()).find((one) => one.name === name);
    if (group === undefined) throw unknown("group", name);
    return group;
  }

  async function idOf(account: string): Promise<number> {
    const found = await accounts.byName(account);
    if (found === undefined) throw unknown("user or robot", account);
    return found.id;
  }

  return {
    async list(caller) {
      mayManage(caller);
      return accounts.groups();
    },
    async get(caller, name) {
      mayManage(caller);
      return found(name);
    },
    async add(caller, name) {
      const by = mayManage(caller);
      if ((await accounts.addGroup(checkName(name), by, clock())) === "exists")
        throw new AppError("account-exists", `there is a group ${name} already`);
      return found(name);
    },
    async remove(caller, name) {
      const by = mayManage(caller);
      if (!(await accounts.removeGroup(name, by, clock()))) throw unknown("group", name);
    },
    async join(caller, group, account) {
      const by = mayManage(caller);
      const outcome = await accounts.join(group, await idOf(account), by, clock());
      if (outcome === "no-group") throw unknown("group", group);
      if (outcome === "no-account") throw unknown("user or robot", account);
    },
    async leave(caller, group, account) {
      const by = mayManage(caller);
      if (await accounts.leave(group, await idOf(account), by, clock())) return;
      await found(group);
      throw new AppError("account-unknown", `${account} is not in the group ${group}`);
    },
  };
}

function unknown(what: string, name: string): AppError {
  return new AppError("account-unknown", `there is no ${what} ${name.slice(0, 64)}`);
}
