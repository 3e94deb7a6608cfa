import { accountChanges, type By } from "../account-changes.ts";
import type { Connection } from "../connection.ts";

/** Changes of groups and of who is in them. */
export function groupOperations(db: Connection) {
  const changes = accountChanges(db);
  const find = db.prepare<[string], number>("SELECT id FROM account_groups WHERE name = ?").pluck();
  const insert = db.prepare<[string, number]>("INSERT INTO account_groups (name, created_at) VALUES (?, ?)");
  const remove = db.prepare<[number]>("DELETE FROM account_groups WHERE id = ?");
  const accountName = db.prepare<[number], string>("SELECT name FROM accounts WHERE id = ?").pluck();
  const join = db.prepare<[number, number]>(
    "INSERT OR IGNORE INTO group_members (group_id, account_id) VALUES (?, ?)",
  );
  const leave = db.prepare<[number, number]>(
    "DELETE FROM group_members WHERE group_id = ? AND account_id = ?",
  );

  return {
    addGroup({ name, by, now }: { name: string } & By): "added" | "exists" {
      if (find.get(name) !== undefined) return "exists";
      insert.run(name, now);
      changes.record("group-added", name, { by, now });
      return "added";
    },

    removeGroup({ name, by, now }: { name: string } & By): boolean {
      const id = find.get(name);
      if (id === undefined) return false;
      remove.run(id);
      changes.record("group-removed", name, { by, now });
      return true;
    },

    joinGroup(args: { group: string; accountId: number } & By): "joined" | "no-group" | "no-account" {
      const { group, accountId } = args;
      const id = find.get(group);
      if (id === undefined) return "no-group";
      const name = accountName.get(accountId);
      if (name === undefined) return "no-account";
      if (join.run(id, accountId).changes > 0)
        changes.record("group-changed", `${group}: ${name} joined`, args);
      return "joined";
    },

    leaveGroup(args: { group: string; accountId: number } & By): boolean {
      const { group, accountId } = args;
      const id = find.get(group);
      const name = accountName.get(accountId);
      if (id === undefined || name === undefined || leave.run(id, accountId).changes === 0) return false;
      changes.record("group-changed", `${group}: ${name} left`, args);
      return true;
    },
  };
}

export type GroupOperations = ReturnType<typeof groupOperations>;
