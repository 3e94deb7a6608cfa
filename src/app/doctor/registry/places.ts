import type { Config } from "#config/config.ts";
import { checkPlaces } from "../../verbs/check-places.ts";
import type { Finding } from "../finding.ts";

/** Folders, bucket with its rights, database, files and upstreams that the configuration names, as check-config asks them. */
export async function registryPlaces(config: Config): Promise<Finding[]> {
  const checks = await checkPlaces(config);
  return checks.map(({ name, ok, message, warning }) => ({
    name,
    state: ok ? (warning === true ? "poor" : "fine") : "missing",
    message,
  }));
}
