import { EXPIRES_FLAG, JSON_FLAG, expiryOf } from "./account-flags.ts";
import { day, printJson, printTable } from "./account-table.ts";
import type { Io } from "../io.ts";
import { listAll } from "./list-all.ts";
import { PASSWORD_FLAGS, readPassword } from "./read-password.ts";
import { runSubverb, type Subverb } from "../subverbs.ts";

interface User {
  name: string;
  admin: boolean;
  enabled: boolean;
  groups: string[];
  created_at: string;
  expires_at: string | null;
}

const users = "/api/v1/users";
const at = (name: string) => `${users}/${encodeURIComponent(name)}`;

const add: Subverb = {
  operands: ["NAME"],
  flags: { admin: { type: "boolean" }, ...EXPIRES_FLAG, ...PASSWORD_FLAGS },
  async prepare({ operands: [name = ""], flags, io }) {
    const expires_at = expiryOf(flags, Date.now());
    const password = await readPassword(flags, io);
    const admin = flags.has("admin");
    return async (call) => {
      await call("POST", users, { name, password, admin, expires_at });
      io.stdout.write(`${admin ? "admin" : "user"} ${name} added\n`);
    };
  },
};

const list: Subverb = {
  operands: [],
  flags: JSON_FLAG,
  prepare:
    ({ flags, io }) =>
    async (call) => {
      const found = await listAll<User>(call, users, "users");
      if (flags.has("json")) {
        printJson({ users: found }, io);
        return;
      }
      printTable(
        ["NAME", "ADMIN", "ENABLED", "GROUPS", "ADDED", "EXPIRES"],
        found.map(({ name, admin, enabled, groups, created_at, expires_at }) => [
          name,
          admin ? "yes" : "-",
          enabled ? "yes" : "no",
          groups.join(",") || "-",
          day(created_at),
          day(expires_at),
        ]),
        "no users yet: berth user add NAME --admin",
        io,
      );
    },
};

const passwd: Subverb = {
  operands: ["NAME"],
  flags: PASSWORD_FLAGS,
  async prepare({ operands: [name = ""], flags, io }) {
    const password = await readPassword(flags, io);
    return async (call) => {
      await call("POST", `${at(name)}/password`, { password });
      io.stdout.write(`password of ${name} set; tokens that were out have ended\n`);
    };
  },
};

const remove: Subverb = {
  operands: ["NAME"],
  flags: {},
  prepare:
    ({ operands: [name = ""], io }) =>
    async (call) => {
      await call("DELETE", at(name));
      io.stdout.write(`user ${name} removed\n`);
    },
};

function change(body: object, done: string): Subverb {
  return {
    operands: ["NAME"],
    flags: {},
    prepare:
      ({ operands: [name = ""], io }) =>
      async (call) => {
        await call("PATCH", at(name), body);
        io.stdout.write(`user ${name} ${done}\n`);
      },
  };
}

const table: ReadonlyMap<string, Subverb> = new Map([
  ["add", add],
  ["list", list],
  ["passwd", passwd],
  ["disable", change({ enabled: false }, "disabled")],
  ["enable", change({ enabled: true }, "enabled")],
  ["promote", change({ admin: true }, "is an admin now")],
  ["demote", change({ admin: false }, "is no admin any more")],
  ["logout", change({ end_tokens: true }, "signed out everywhere")],
  ["remove", remove],
]);

/** `berth user`. */
export function user(argv: readonly string[], io: Io): Promise<number> {
  return runSubverb("user", table, argv, io);
}
