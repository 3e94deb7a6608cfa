import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "#config/config.ts";
import type { Live } from "#core/live.ts";

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * The handlers of addresses and host names where unqualified names are an upstream's.
 * @param make the handler of one upstream's mirror.
 */
export function mirrorHandlers(config: Live<Config>, make: (upstream: string) => Handle) {
  const made = new Map<string, Handle>();

  function of(upstream: string): Handle {
    const known = made.get(upstream);
    if (known !== undefined) return known;
    const handle = make(upstream);
    made.set(upstream, handle);
    return handle;
  }

  let items: Config["upstreams"] | undefined;
  let hosts = new Map<string, string>();

  /** The upstream whose mirror this host name is, by the configuration in force. */
  function mirrorAt(host: string): string | undefined {
    if (items !== config.current.upstreams) {
      items = config.current.upstreams;
      hosts = new Map(
        items.flatMap(({ name, mirror_hosts }) => mirror_hosts.map((one) => [one.toLowerCase(), name])),
      );
    }
    if (hosts.size === 0) return undefined;
    const asked = host.toLowerCase();
    return hosts.get(asked) ?? hosts.get(asked.replace(/:\d+$/, ""));
  }

  return {
    of,
    /** The mirror of the Host header where it names one, else the registry. */
    byHost(registry: Handle): Handle {
      return (request, response) => {
        const upstream = mirrorAt(request.headers.host ?? "");
        return (upstream === undefined ? registry : of(upstream))(request, response);
      };
    },
  };
}
