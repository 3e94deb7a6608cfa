import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { Config } from "#config/config.ts";
import { sizeText } from "#kit/size-text.ts";
import type { Finding } from "../finding.ts";

/** Percent that may be used. */
const fullAt = 98;
const nearlyFullAt = 90;

/** File systems over a network, by the number that statfs gives (linux/magic.h): SQLite's log doesn't work on them. */
const network = new Map([
  [0x6969, "NFS"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB"],
  [0x01021997, "9p"],
  [0x65735546, "FUSE"],
]);

/** Room, names left, and kind of the disks that metadata and blobs lie on. */
export async function diskFindings(config: Config): Promise<Finding[]> {
  const places: [string, string, boolean][] = [["disk of the data folder", config.data, true]];
  if (config.storage.stores.includes("disk"))
    places.push(["disk of the blobs", config.storage.disk.path, false]);
  return (
    await Promise.all(places.map(([name, path, holdsDatabase]) => look(name, path, holdsDatabase)))
  ).flat();
}

async function look(name: string, path: string, holdsDatabase: boolean): Promise<Finding[]> {
  const at = await nearest(path);
  const { type, bsize, blocks, bavail, bfree, files, ffree } = await statfs(at);
  const found: Finding[] = [room(name, bsize * bavail, percent(blocks - bfree, blocks - bfree + bavail))];
  if (files > 0 && percent(files - ffree, files) >= fullAt)
    found.push({
      name: `${name}, names`,
      state: "missing",
      message: `all but ${ffree} of ${files} inodes are used: no file can be made soon`,
      cure: `df --inodes ${at}; move the folder to a disk with more`,
    });
  const kind = network.get(type);
  if (kind !== undefined && holdsDatabase)
    found.push({
      name: `${name}, kind`,
      state: kind === "FUSE" || kind === "9p" ? "poor" : "missing",
      message: `is ${kind}: the database needs a local disk`,
      cure: "--data on a local disk; storage.disk.path may be elsewhere",
    });
  return found;
}

function room(name: string, free: number, used: number): Finding {
  const message = `${used} % used, ${sizeText(free)} free`;
  if (used < nearlyFullAt) return { name, state: "fine", message };
  return {
    name,
    state: used >= fullAt ? "missing" : "poor",
    message,
    cure: "berth gc --dry-run says what can go; berth usage says whose it is",
  };
}

function percent(part: number, all: number): number {
  return all === 0 ? 0 : Math.round((part / all) * 100);
}

/** The folder itself, or the nearest above that is there. */
async function nearest(path: string): Promise<string> {
  let at = path;
  while (at !== dirname(at) && (await stat(at).catch(() => undefined)) === undefined) at = dirname(at);
  return at;
}
