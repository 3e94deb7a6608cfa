import { readFile, stat } from "node:fs/promises";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";

export interface ServingUser {
  /** For people: `berth`, or the number. */
  name: string;
  uid: number;
  gid: number;
}

/** Where users and groups are looked up; tests have their own. */
export interface Accounts {
  passwd: string;
  group: string;
}

const system: Accounts = { passwd: "/etc/passwd", group: "/etc/group" };

/** The user that packages and docs/engine.md make for the registry. */
const usual = "berth";

/**
 * Who faces the network when root starts registry and engine together, so that only the engine is root: `user`, else
 * whoever owns the data folder, else the user `berth`. Throws unavailable where there is none: content that everybody
 * on the network sends is not read as root without somebody's word (`user: root`).
 */
export async function servingUser(
  { user, data }: Pick<Config, "user" | "data">,
  accounts: Accounts = system,
): Promise<ServingUser> {
  const users = entries(await readFile(accounts.passwd, "utf8"));
  if (user !== undefined) return named(user, users, accounts);
  const folder = await stat(data).catch(() => undefined);
  if (folder !== undefined && folder.uid !== 0)
    return { name: nameOf(folder.uid, users), uid: folder.uid, gid: folder.gid };
  const found = users.find(([name]) => name === usual);
  if (found !== undefined) return { name: usual, uid: Number(found[2]), gid: Number(found[3]) };
  throw new AppError(
    "unavailable",
    "the engine needs root, and the registry's side of the network mustn't be root. Add a user for it: " +
      `useradd --system --home-dir ${data} --shell /usr/sbin/nologin ${usual}` +
      `${folder === undefined ? "" : ` && chown -R ${usual}: ${data}`}; or name one as "user" in the configuration`,
  );
}

async function named(text: string, users: string[][], accounts: Accounts): Promise<ServingUser> {
  const [name = "", groupName] = text.split(":");
  const found = users.find(([one, , uid]) => one === name || uid === name);
  if (found === undefined && !/^\d+$/.test(name))
    throw new AppError("unavailable", `there is no user ${name} on this machine; add it or change "user"`);
  const uid = Number(found?.[2] ?? name);
  if (groupName === undefined) return { name, uid, gid: Number(found?.[3] ?? uid) };
  const groups = entries(await readFile(accounts.group, "utf8"));
  const gid = groups.find(([one]) => one === groupName)?.[2] ?? groupName;
  if (!/^\d+$/.test(gid))
    throw new AppError(
      "unavailable",
      `there is no group ${groupName} on this machine; add it or change "user"`,
    );
  return { name, uid, gid: Number(gid) };
}

function entries(text: string): string[][] {
  return text.split("\n").map((line) => line.split(":"));
}

function nameOf(uid: number, users: string[][]): string {
  return users.find(([, , id]) => id === String(uid))?.[0] ?? String(uid);
}
