import { access, constants, readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Config } from "#config/config.ts";
import { AppError } from "#core/errors.ts";
import { mayWrite } from "../../engine/may-write.ts";
import { servingUser } from "../../engine/serving-user.ts";
import { whoMayChange } from "../../engine/who-may-change.ts";
import type { Finding } from "../finding.ts";

/** Who runs it, who may use it, and where it keeps things. @param root whether this process is root */
export async function placeFindings(config: Config, root: boolean): Promise<Finding[]> {
  const { listen, data, group } = config.engine;
  const found: Finding[] = [
    root
      ? { name: "root", state: "fine", message: "this is root" }
      : {
          name: "root",
          state: "missing",
          message: "the engine needs root; the registry doesn't",
          cure: "sudo berth engine",
        },
  ];
  // Nobody else needs to write there.
  if (root) {
    for (const address of listen)
      if ("path" in address) found.push(await writable("socket folder", dirname(address.path)));
    found.push(await writable("data folder", data));
  }
  found.push(await ownData(data), ...(await groupOf(group)));
  if (config.engine.enabled && root) found.push(await faceToTheNetwork(config));
  return found;
}

async function writable(what: string, folder: string): Promise<Finding> {
  const name = `${what} ${folder}`;
  let at = folder;
  while (at !== dirname(at) && (await stat(at).catch(() => undefined)) === undefined) at = dirname(at);
  try {
    await access(at, constants.W_OK | constants.X_OK);
    return { name, state: "fine", message: at === folder ? "can be written" : `can be made in ${at}` };
  } catch {
    return {
      name,
      state: "missing",
      message: `this user can't write to ${at}`,
      cure: `install -d -m 0755 ${folder} (as root)`,
    };
  }
}

async function ownData(folder: string): Promise<Finding> {
  const name = `owner of ${folder}`;
  const other = await whoMayChange(folder);
  if (other === undefined) return { name, state: "fine", message: "nobody but root can change it" };
  return {
    name,
    state: "poor",
    message: `user ${other.uid} can change ${other.at}, and so become root by way of the engine`,
    cure: "engine.data: /var/lib/berth-engine",
  };
}

async function groupOf(group: string | undefined): Promise<Finding[]> {
  const groups = (await readFile("/etc/group", "utf8").catch(() => ""))
    .split("\n")
    .map((line) => line.split(":"));
  const wanted = group ?? "docker";
  const there = /^\d+$/.test(wanted) || groups.some(([name]) => name === wanted);
  if (there)
    return [{ name: `group ${wanted}`, state: "fine", message: "may open the socket: its members are root" }];
  if (group === undefined)
    return [{ name: "group docker", state: "fine", message: "isn't there: root alone may open the socket" }];
  return [
    {
      name: `group ${group}`,
      state: "missing",
      message: "isn't on this machine",
      cure: `groupadd --system ${group}`,
    },
  ];
}

async function faceToTheNetwork(config: Config): Promise<Finding> {
  const name = "user of the registry";
  try {
    const user = await servingUser(config);
    if (!(await mayWrite(config.data, user)))
      return {
        name,
        state: "missing",
        message: `${user.name} can't write to ${config.data}`,
        cure: `chown -R ${user.uid}:${user.gid} ${config.data}`,
      };
    if (user.uid !== 0) return { name, state: "fine", message: user.name };
    return {
      name,
      state: "poor",
      message: "is root: whoever breaks into the registry is root here",
      cure: "user: berth",
    };
  } catch (error) {
    if (config.user !== undefined && error instanceof AppError)
      return { name, state: "missing", message: error.message, cure: "user: NAME:GROUP of this machine" };
    const there = (await stat(config.data).catch(() => undefined)) !== undefined;
    return {
      name,
      state: "missing",
      message: "there is none, and it mustn't be root",
      cure:
        `useradd --system --home-dir ${config.data} --shell /usr/sbin/nologin berth` +
        (there ? ` && chown -R berth: ${config.data}` : ""),
    };
  }
}
