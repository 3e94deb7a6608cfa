import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import type { RedirectConfig } from "#config/config.ts";

/**
 * Whom the door may send to the object storage, and how long such a link must work, ms: every client but
 * those of the networks that can't reach it (or are nearer to Berth), and none where redirects are off.
 */
export function createRedirects(
  config: RedirectConfig | undefined,
  clientOf: (request: IncomingMessage) => string,
): (request: IncomingMessage) => number | undefined {
  if (config === undefined || !config.enabled) return () => undefined;
  const streamed = new BlockList();
  for (const network of config.stream_to) {
    const [address = "", prefix] = network.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) streamed.addAddress(address, family);
    else streamed.addSubnet(address, Number(prefix), family);
  }
  return (request) => {
    const client = clientOf(request);
    const inside = isIP(client) !== 0 && streamed.check(client, isIP(client) === 6 ? "ipv6" : "ipv4");
    return inside ? undefined : config.expiry;
  };
}
