import type { Accounts } from "#core/metadata/accounts.ts";
import { accountTransaction } from "./account-transaction.ts";
import type { Database, Queries } from "./database.ts";

type GroupChanges = Pick<Accounts, "addGroup" | "removeGroup" | "join" | "leave">;

/** Changes of groups and of who is in them. */
export function groupChanges(db: Database): GroupChanges {
  return {
    addGroup: (name, by, now) =>
      accountTransaction(db, async (tx) => {
        const text = "INSERT INTO account_groups (name, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        if ((await tx.change(text, [name, now])) === 0) return "exists";
        await tx.record("group-added", name, { by, now });
        return "added";
      }),

    removeGroup: (name, by, now) =>
      accountTransaction(db, async (tx) => {
        if ((await tx.change("DELETE FROM account_groups WHERE name = $1", [name])) === 0) return false;
        await tx.record("group-removed", name, { by, now });
        return true;
      }),

    join: (group, accountId, by, now) =>
      accountTransaction(db, async (tx) => {
        const id = await groupId(tx, group);
        if (id === undefined) return "no-group";
        const name = await accountName(tx, accountId);
        if (name === undefined) return "no-account";
        const joined = await tx.change(
          "INSERT INTO group_members (group_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
          [id, accountId],
        );
        if (joined > 0) await tx.record("group-changed", `${group}: ${name} joined`, { by, now });
        return "joined";
      }),

    leave: (group, accountId, by, now) =>
      accountTransaction(db, async (tx) => {
        const id = await groupId(tx, group);
        const name = await accountName(tx, accountId);
        if (id === undefined || name === undefined) return false;
        const text = "DELETE FROM group_members WHERE group_id = $1 AND account_id = $2";
        if ((await tx.change(text, [id, accountId])) === 0) return false;
        await tx.record("group-changed", `${group}: ${name} left`, { by, now });
        return true;
      }),
  };
}

const groupId = async (tx: Queries, name: string) =>
  (await tx.row<{ id: number }>("SELECT id FROM account_groups WHERE name = $1", [name]))?.id;

const accountName = async (tx: Queries, id: number) =>
  (await tx.row<{ name: string }>("SELECT name FROM accounts WHERE id = $1", [id]))?.name;
