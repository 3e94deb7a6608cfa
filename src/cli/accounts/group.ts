import { JSON_FLAG } from "./account-flags.ts";
import { day, printJson, printTable } from "./account-table.ts";
import type { AdminCall } from "./admin-call.ts";
import type { Io } from "../io.ts";
import { runSubverb, type Subverb } from "../subverbs.ts";

interface Group {
  name: string;
  members: string[];
  created_at: string;
}

const groups = "/api/v1/groups";
const at = (name: string) => `${groups}/${encodeURIComponent(name)}`;

const list: Subverb = {
  operands: [],
  flags: JSON_FLAG,
  prepare:
    ({ flags, io }) =>
    async (call) => {
      const answer = (await call("GET", groups)) as { groups: Group[] };
      if (flags.has("json")) {
        printJson(answer, io);
        return;
      }
      printTable(
        ["NAME", "ADDED", "MEMBERS"],
        answer.groups.map(({ name, created_at, members }) => [
          name,
          day(created_at),
          members.join(",") || "-",
        ]),
        "no groups yet: berth group add GROUP",
        io,
      );
    },
};

function about(
  operands: readonly string[],
  work: (call: AdminCall, group: string, name: string) => Promise<unknown>,
  done: (group: string, name: string) => string,
): Subverb {
  return {
    operands,
    flags: {},
    prepare:
      ({ operands: [group = "", name = ""], io }) =>
      async (call) => {
        await work(call, group, name);
        io.stdout.write(`${done(group, name)}\n`);
      },
  };
}

const member = (group: string, name: string) => `${at(group)}/members/${encodeURIComponent(name)}`;

const table: ReadonlyMap<string, Subverb> = new Map([
  [
    "add",
    about(
      ["GROUP"],
      (call, group) => call("POST", groups, { name: group }),
      (group) => `group ${group} added`,
    ),
  ],
  ["list", list],
  [
    "join",
    about(
      ["GROUP", "NAME"],
      (call, group, name) => call("PUT", member(group, name)),
      (group, name) => `${name} is in ${group} now`,
    ),
  ],
  [
    "leave",
    about(
      ["GROUP", "NAME"],
      (call, group, name) => call("DELETE", member(group, name)),
      (group, name) => `${name} left ${group}`,
    ),
  ],
  [
    "remove",
    about(
      ["GROUP"],
      (call, group) => call("DELETE", at(group)),
      (group) => `group ${group} removed`,
    ),
  ],
]);

/** `berth group`. */
export function group(argv: readonly string[], io: Io): Promise<number> {
  return runSubverb("group", table, argv, io);
}
