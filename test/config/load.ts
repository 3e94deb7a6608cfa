import assert from "node:assert/strict";
import { formatFault } from "#config/fault.ts";
import { loadConfig, type ConfigSources } from "#config/load-config.ts";

/** What a test says about the sources; the rest is a machine with two cores and a folder /srv. */
type Given = Partial<Omit<ConfigSources, "file">> & { file?: string | undefined };

function loaded({ file, ...given }: Given) {
  return loadConfig({
    file: file === undefined ? undefined : { text: file, name: "berth.yaml" },
    environment: {},
    flags: [],
    defaultData: "./data",
    cores: 2,
    resolvePath: (path) => new URL(path, "file:///srv/").pathname,
    ...given,
  });
}

/** The configuration; fails the test when there are faults. */
export function load(given: Given = {}) {
  const { config, origins, faults } = loaded(given);
  assert.ok(config, `expected no faults but got ${faults?.map(formatFault).join("; ")}`);
  return { config, origins };
}

/** The faults as they are printed; fails the test when there are none. */
export function faultsOf(given: Given): string[] {
  const { faults } = loaded(given);
  assert.ok(faults, "expected faults");
  return faults.map(formatFault);
}
