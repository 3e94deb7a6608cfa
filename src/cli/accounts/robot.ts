import type { Right } from "#core/caller.ts";
import { ALLOW_FLAG, EXPIRES_FLAG, JSON_FLAG, expiryOf, rightsOf, rightsText } from "./account-flags.ts";
import { day, printJson, printTable } from "./account-table.ts";
import type { Io } from "../io.ts";
import { listAll } from "./list-all.ts";
import { printSecret } from "./print-secret.ts";
import { runSubverb, type Subverb } from "../subverbs.ts";
import { UsageError } from "../usage-error.ts";

interface Robot {
  name: string;
  enabled: boolean;
  rights: Right[];
  groups: string[];
  expires_at: string | null;
}

const robots = "/api/v1/robots";
const at = (name: string) => `${robots}/${encodeURIComponent(name)}`;

const add: Subverb = {
  operands: ["NAME"],
  flags: { ...ALLOW_FLAG, ...EXPIRES_FLAG, ...JSON_FLAG },
  prepare({ operands: [name = ""], flags, io }) {
    const body = { name, rights: rightsOf(flags), expires_at: expiryOf(flags, Date.now()) };
    return async (call) => {
      const added = (await call("POST", robots, body)) as Robot & { secret: string };
      if (flags.has("json")) printJson(added, io);
      else printSecret(`robot ${name} added, until ${day(added.expires_at)}`, added.secret, io);
    };
  },
};

const list: Subverb = {
  operands: [],
  flags: JSON_FLAG,
  prepare:
    ({ flags, io }) =>
    async (call) => {
      const found = await listAll<Robot>(call, robots, "robots");
      if (flags.has("json")) {
        printJson({ robots: found }, io);
        return;
      }
      printTable(
        ["NAME", "ENABLED", "GROUPS", "EXPIRES", "RIGHTS"],
        found.map(({ name, enabled, groups, expires_at, rights }) => [
          name,
          enabled ? "yes" : "no",
          groups.join(",") || "-",
          day(expires_at),
          rightsText(rights) || "-",
        ]),
        "no robots yet: berth robot add NAME --allow 'team/**:pull,push'",
        io,
      );
    },
};

const secret: Subverb = {
  operands: ["NAME"],
  flags: JSON_FLAG,
  prepare:
    ({ operands: [name = ""], flags, io }) =>
    async (call) => {
      const made = (await call("POST", `${at(name)}/secret`, {})) as { name: string; secret: string };
      if (flags.has("json")) printJson(made, io);
      else printSecret(`robot ${name} has a new secret, the old one has ended`, made.secret, io);
    },
};

const change: Subverb = {
  operands: ["NAME"],
  flags: { ...ALLOW_FLAG, ...EXPIRES_FLAG },
  prepare({ operands: [name = ""], flags, io }) {
    const body = { rights: rightsOf(flags), expires_at: expiryOf(flags, Date.now()) };
    if (body.rights === undefined && body.expires_at === undefined)
      throw new UsageError("say what to change: --allow, --expires");
    return async (call) => {
      await call("PATCH", at(name), body);
      io.stdout.write(`robot ${name} changed\n`);
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
      io.stdout.write(`robot ${name} removed\n`);
    },
};

function enabling(enabled: boolean): Subverb {
  return {
    operands: ["NAME"],
    flags: {},
    prepare:
      ({ operands: [name = ""], io }) =>
      async (call) => {
        await call("PATCH", at(name), { enabled });
        io.stdout.write(`robot ${name} ${enabled ? "enabled" : "disabled"}\n`);
      },
  };
}

const table: ReadonlyMap<string, Subverb> = new Map([
  ["add", add],
  ["list", list],
  ["secret", secret],
  ["change", change],
  ["disable", enabling(false)],
  ["enable", enabling(true)],
  ["remove", remove],
]);

/** `berth robot`. */
export function robot(argv: readonly string[], io: Io): Promise<number> {
  return runSubverb("robot", table, argv, io);
}
