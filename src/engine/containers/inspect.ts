import type { ContainerRecord } from "#core/engine/container.ts";
import { lookAgain } from "./look-again.ts";
import { readSecurityOptions } from "../spec/security-options.ts";
import type { ContainersParts } from "./parts.ts";
import type { RunTable } from "./run-table.ts";

export interface Listed {
  record: ContainerRecord;
  imageName: string;
  sizes: { writable: number; root: number } | undefined;
}

export interface Inspected extends Listed {
  execs: string[];
  logPath: string;
  hostnamePath: string;
  hostsPath: string;
  resolvConfPath: string;
  appArmorProfile: string;
  rootfs: { lower: string; upper: string; work: string; merged: string };
}

export function createInspect(parts: ContainersParts, runs: RunTable) {
  const { book, folders, runtime, settings } = parts;
  return async (ref: string, size: boolean): Promise<Inspected> => {
    const record = book.find(ref);
    const { id, host, layers } = record;
    const files = folders.files(id);
    const folder = folders.path(id);
    return {
      ...(await listed(parts, record, size)),
      execs: [...runs.of(id).execs],
      logPath: host.LogConfig.Type === "none" ? "" : files.log,
      hostnamePath: files.hostname,
      hostsPath: files.hosts,
      resolvConfPath: files.resolvConf,
      appArmorProfile: runtime.facts.appArmor ? (readSecurityOptions(host.SecurityOpt).appArmor ?? "") : "",
      rootfs: {
        lower: layers
          .toReversed()
          .map((layer) => `${settings.layersFolder}/${layer}`)
          .join(":"),
        upper: `${folder}/upper`,
        work: `${folder}/work`,
        merged: `${folder}/merged`,
      },
    };
  };
}

export async function listed(
  { book, images, snapshots }: Pick<ContainersParts, "book" | "images" | "snapshots">,
  record: ContainerRecord,
  size: boolean,
): Promise<Listed> {
  return {
    record,
    imageName: images.nameOf(record),
    sizes: size ? await lookAgain(book, record.id, () => snapshots.usage(record.id)) : undefined,
  };
}
