import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { tempFolder } from "../adapters/sqlite/temp-folder.ts";
import { berth } from "./captured.ts";

export interface MirrorPlace extends Disposable {
  data: string;
  /** The configuration file. */
  config: string;
  /** `berth mirror ARGS` on it. */
  mirror(...args: string[]): ReturnType<typeof berth>;
  /** As `mirror`, and expects that it works; what it printed. */
  ok(...args: string[]): Promise<string>;
  /** The same with --json. */
  json(...args: string[]): Promise<unknown>;
}

/** A data folder whose upstreams are these, and `berth mirror` on it. @param data one that is there already */
export function openMirrorPlace(upstreams: Record<string, string>, data?: string): MirrorPlace {
  const folder = tempFolder();
  const place = data ?? folder.file("data");
  const config = join(folder.path, "berth.yaml");
  const list = Object.entries(upstreams).map(([name, url]) => ({ name, url }));
  writeFileSync(config, stringify({ upstreams: list }));
  const mirror = (...args: string[]) => berth(["mirror", ...args, "--config", config, "--data", place]);
  async function ok(...args: string[]) {
    const { code, stdout, stderr } = await mirror(...args);
    if (code !== 0) throw new Error(`berth mirror ${args.join(" ")}: ${code}\n${stderr}${stdout}`);
    return stdout;
  }
  return {
    data: place,
    config,
    mirror,
    ok,
    json: async (...args) => JSON.parse(await ok(...args, "--json")) as unknown,
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}
