import type { ContainerConfig, HostConfig } from "#core/engine/container-config.ts";
import { AppError } from "#core/errors.ts";
import type { RuntimeFacts } from "#core/engine/runtime.ts";
import type { ImageConfig } from "#oci/image-config.ts";
import { checkHost } from "./check-host.ts";
import { checkResources } from "./check-resources.ts";
import { jsonFields } from "./json-fields.ts";
import { readConfig } from "./read-config.ts";
import { readHost } from "./read-host.ts";

/** A create body, settled: see `readContainer`. */
export interface ReadContainer {
  config: ContainerConfig;
  host: HostConfig;
  /** As it came: the networks read it. */
  networking: unknown;
  warnings: string[];
  /** Entrypoint and command together: what is run. */
  path: string;
  args: string[];
}

/**
 * What a create body means together with its image, as dockerd settles it. Hostname stays "" where none was asked for.
 * Docker Engine API "ContainerCreate". Throws engine-invalid, in docker's words, whatever the body holds.
 * @param options remapped: the engine gives containers user ids of their own.
 */
export function readContainer(
  body: Record<string, unknown>,
  image: { config: ImageConfig },
  facts: RuntimeFacts,
  options: { remapped?: boolean } = {},
): ReadContainer {
  const fields = jsonFields(body, "ContainerConfigWrapper");
  const defaults: unknown = image.config.config;
  const config = readConfig(fields, typeof defaults === "object" && defaults !== null ? defaults : {});
  const read = readHost(fields.object("HostConfig"), facts);
  const { resources, warnings } = checkResources(read, facts);
  const host: HostConfig = { ...read, ...resources };
  // As much swap as memory.
  if (host.Memory > 0 && host.MemorySwap === 0) host.MemorySwap = 2 * host.Memory;
  const written = {
    exposes: fields.keys("ExposedPorts").length > 0,
    mac: fields.text("MacAddress") !== "",
  };
  warnings.push(...checkHost(config, host, facts, written, options.remapped ?? false));
  const [path, ...args] = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  if (path === undefined) throw new AppError("engine-invalid", "No command specified");
  return { config, host, networking: body["NetworkingConfig"], warnings, path, args };
}
