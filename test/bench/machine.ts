import { readFileSync } from "node:fs";
import { availableParallelism, platform, release, totalmem } from "node:os";
import { fileSystemOf } from "./disk.ts";

/** What figures depend on, without the machine's name. */
export interface MachineFacts {
  cores: number;
  processor: string;
  /** SHA-256 in hardware; undefined where it can't be told. */
  shaInstructions: boolean | undefined;
  memoryGiB: number;
  platform: string;
  kernel: string;
  fileSystem: string;
  node: string;
}

/** `folder` is where the servers keep their data. */
export async function machineFacts(folder: string): Promise<MachineFacts> {
  const processor = readProcessor();
  return {
    cores: availableParallelism(),
    processor: /^model name\s*: (.*)$/m.exec(processor)?.[1] ?? "unknown",
    shaInstructions: shaInstructions(processor),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: platform(),
    kernel: /^\d+(\.\d+)*/.exec(release())?.[0] ?? "unknown",
    fileSystem: (await fileSystemOf(folder)).name,
    node: process.versions.node,
  };
}

function shaInstructions(processor: string): boolean | undefined {
  const flags = /^(?:flags|Features)\s*: (.*)$/m.exec(processor)?.[1]?.split(" ");
  return flags === undefined ? undefined : flags.includes("sha_ni") || flags.includes("sha2");
}

function readProcessor(): string {
  try {
    return readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    return "";
  }
}
