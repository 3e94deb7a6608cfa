import { syncMirrors } from "#app/verbs/mirrors.ts";
import type { Config } from "#config/config.ts";
import type { RepositoryName } from "#oci/reference.ts";
import type { MirrorReport } from "#pull-through/mirror.ts";
import type { Io } from "../io.ts";
import { interruptible } from "../terminal/interruptible.ts";
import { createProgress } from "../terminal/progress-bar.ts";
import { faultText } from "./sync-summary.ts";

/** Syncs with a bar for who looks on, until Ctrl-C. @param names undefined: all */
export async function runSync(
  config: Config,
  names: readonly RepositoryName[] | undefined,
  io: Io,
): Promise<MirrorReport[]> {
  using bar = createProgress({ io, label: "Syncing", unit: "images" });
  const total = { items: 0, bytes: 0 };
  const progress = {
    images(count: number) {
      total.items += count;
      bar.expect({ ...total });
    },
    expect(bytes: number) {
      total.bytes += bytes;
      bar.expect({ ...total });
    },
    add: (bytes: number) => bar.add(bytes),
    image(name: string, faults: readonly unknown[]) {
      bar.done();
      for (const fault of faults) bar.note(`berth: ${name}: ${faultText(fault)}`);
    },
  };
  const say = (line: string) => {
    bar.end();
    io.stderr.write(`${line}\n`);
  };
  return await interruptible(say, (signal) => syncMirrors(config, { names, progress, signal }));
}
