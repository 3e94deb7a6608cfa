import type { HostConfig } from "#core/engine/container-config.ts";
import type { Endpoint } from "#core/engine/container.ts";
import { AppError } from "#core/errors.ts";
import type { NetworkBook } from "./network-book.ts";
import { defaultNetwork, modeOf, sharesOther } from "./network-mode.ts";
import { object } from "./read-json.ts";
import { requestedEndpoint } from "./requested-endpoint.ts";

/**
 * The endpoints that a create asks for, by network name: its mode's network, and all that its networking configuration
 * names. A network that isn't there is found missing at start, as docker does.
 */
export function requestedEndpoints(
  host: Pick<HostConfig, "NetworkMode">,
  networking: unknown,
  book: NetworkBook,
): Record<string, Endpoint> {
  const mode = modeOf(host.NetworkMode);
  const settings = object(object(networking, "NetworkingConfig").EndpointsConfig, "EndpointsConfig");
  const nameOf = (ref: string) => book.look(ref)?.name ?? ref;
  if (sharesOther(mode)) {
    if (Object.keys(settings).some((name) => name !== mode))
      throw new AppError(
        "engine-invalid",
        "container sharing network namespace with another container or host cannot be connected to any other network",
      );
    return {};
  }
  const main = nameOf(mode);
  const endpoints = new Map<string, Endpoint>([[main, requestedEndpoint(undefined)]]);
  for (const [key, value] of Object.entries(settings)) {
    const name = nameOf(key === "default" ? defaultNetwork : key);
    endpoints.set(name, requestedEndpoint(value));
  }
  if (endpoints.size > 1) {
    for (const alone of ["host", "none"]) if (endpoints.has(alone)) throw aloneFault(alone);
  }
  return Object.fromEntries(endpoints);
}

/** Why a container in the host's network, or in none, can't be in another one. */
export function aloneFault(mode: string): AppError {
  return new AppError(
    "engine-invalid",
    mode === "host"
      ? "container cannot be disconnected from host network or connected to host network"
      : "container cannot be connected to multiple networks with one of the networks in private (none) mode",
  );
}
