import type { Right } from "#core/caller.ts";
import { ALLOW_FLAG, EXPIRES_FLAG, JSON_FLAG, expiryOf, rightsOf, rightsText } from "./account-flags.ts";
import { day, printJson, printTable } from "./account-table.ts";
import type { Io } from "../io.ts";
import { printSecret } from "./print-secret.ts";
import { runSubverb, type Subverb } from "../subverbs.ts";
import { UsageError } from "../usage-error.ts";

interface Token {
  id: number;
  kind: "personal" | "refresh";
  label: string;
  limits: Right[] | null;
  created_at: string;
  expires_at: string | null;
}

const tokens = (user: string) => `/api/v1/users/${encodeURIComponent(user)}/tokens`;

const add: Subverb = {
  operands: ["USER"],
  flags: { label: { type: "string" }, ...ALLOW_FLAG, ...EXPIRES_FLAG, ...JSON_FLAG },
  prepare({ operands: [user = ""], flags, io }) {
    const [label] = flags.get("label") ?? [];
    if (label === undefined) throw new UsageError("say what the token is for: --label laptop");
    const body = { label, limits: rightsOf(flags), expires_at: expiryOf(flags, Date.now()) };
    return async (call) => {
      const added = (await call("POST", tokens(user), body)) as Token & { secret: string };
      if (flags.has("json")) printJson(added, io);
      else
        printSecret(`token ${added.id} of ${user} added, until ${day(added.expires_at)}`, added.secret, io);
    };
  },
};

const list: Subverb = {
  operands: ["USER"],
  flags: JSON_FLAG,
  prepare:
    ({ operands: [user = ""], flags, io }) =>
    async (call) => {
      const answer = (await call("GET", tokens(user))) as { tokens: Token[] };
      if (flags.has("json")) {
        printJson(answer, io);
        return;
      }
      printTable(
        ["ID", "KIND", "LABEL", "ADDED", "EXPIRES", "GOOD FOR"],
        answer.tokens.map(({ id, kind, label, limits, created_at, expires_at }) => [
          String(id),
          kind,
          label,
          day(created_at),
          day(expires_at),
          limits === null ? `all of ${user}` : rightsText(limits) || "nothing",
        ]),
        `${user} has no tokens: berth token add ${user} --label laptop`,
        io,
      );
    },
};

const remove: Subverb = {
  operands: ["ID"],
  flags: {},
  prepare({ operands: [id = ""], io }) {
    if (!/^\d{1,15}$/.test(id))
      throw new UsageError(`${id} is not the id of a token: "berth token list USER" shows them`);
    return async (call) => {
      await call("DELETE", `/api/v1/tokens/${id}`);
      io.stdout.write(`token ${id} removed\n`);
    };
  },
};

const table: ReadonlyMap<string, Subverb> = new Map([
  ["add", add],
  ["list", list],
  ["remove", remove],
]);

/** `berth token`. */
export function token(argv: readonly string[], io: Io): Promise<number> {
  return runSubverb("token", table, argv, io);
}
