/**
 * What this machine lacks for what Berth shall do here, each with the one line that cures it. Looks only: nothing is
 * changed. One file for each kind of check; `examine` puts them together.
 */
import type { Config } from "#config/config.ts";
import { kernelFindings } from "./engine/kernel.ts";
import { networkFindings } from "./engine/network.ts";
import { placeFindings } from "./engine/places.ts";
import { programFindings } from "./engine/programs.ts";
import type { Examination } from "./finding.ts";

/** @param root whether this process is root, so that more can be looked at */
export async function examine(config: Config, root: boolean): Promise<Examination[]> {
  const engine = await Promise.all([
    placeFindings(config, root),
    programFindings(config.engine),
    kernelFindings(config.engine),
    networkFindings(root),
  ]);
  return [{ about: "engine", findings: engine.flat() }];
}
