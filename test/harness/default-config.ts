import { resolve } from "node:path";
import type { Config } from "#config/config.ts";
import { loadConfig } from "#config/load-config.ts";

/**
 * The product's defaults on a free port, one process, quick to stop, everything below `data`.
 * @param file more of it, as YAML
 */
export function defaultConfig(data: string, file?: string): Config {
  const { config, faults } = loadConfig({
    file: file === undefined ? undefined : { text: file, name: "test.yaml" },
    environment: {},
    flags: [
      { flag: "--listen", key: "listen", values: ["127.0.0.1:0"] },
      { flag: "--workers", key: "workers", values: ["1"] },
    ],
    defaultData: data,
    cores: 1,
    resolvePath: (path) => resolve(data, path),
  });
  if (config === undefined) throw new Error(JSON.stringify(faults));
  return { ...config, limits: { ...config.limits, drain_timeout: 2_000 } };
}
