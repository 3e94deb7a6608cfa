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
import { certificateFindings } from "./registry/certificates.ts";
import { clockFindings } from "./registry/clock.ts";
import { diskFindings } from "./registry/disk.ts";
import { lostDatabaseFindings } from "./registry/lost-database.ts";
import { registryPlaces } from "./registry/places.ts";
import { portFindings } from "./registry/ports.ts";

/** What Berth has parts of that can be looked at apart. */
export const examined = ["registry", "engine"] as const;

/** @param root whether this process is root, so that more can be looked at */
export async function examine(
  config: Config,
  root: boolean,
  parts: readonly (typeof examined)[number][] = examined,
): Promise<Examination[]> {
  return Promise.all(
    parts.map(async (about) => {
      const findings = await Promise.all(about === "registry" ? ofRegistry(config) : ofEngine(config, root));
      return { about, findings: findings.flat() };
    }),
  );
}

const ofRegistry = (config: Config) => [
  portFindings(config),
  registryPlaces(config),
  lostDatabaseFindings(config),
  diskFindings(config),
  clockFindings(config),
  certificateFindings(config),
];

const ofEngine = (config: Config, root: boolean) => [
  placeFindings(config, root),
  programFindings(config.engine),
  kernelFindings(config.engine),
  networkFindings(root),
];
