import type { Config, ListenAddress } from "#config/config.ts";
import type { Live } from "#core/live.ts";
import type { RegistryNames } from "#engine/registries/parts.ts";
import { createUpstreamMap, type UpstreamMap, type UpstreamRules } from "#pull-through/upstream-map.ts";

const loopback = ["localhost", "127.0.0.1", "[::1]"];
const everywhere = new Set(["", "0.0.0.0", "::"]);

/** By which names the registry and its upstreams are known, as the configuration has it now. */
export function registryNames(config: Live<Config>): RegistryNames {
  let from: Config | undefined;
  let own: readonly string[] = [];
  let map: UpstreamMap = createUpstreamMap([]);
  function look(): void {
    if (from === config.current) return;
    from = config.current;
    own = ownHosts(from);
    map = createUpstreamMap(from.upstreams);
  }
  const described = (found: UpstreamRules | undefined) =>
    found && { name: found.name, shadowed: found.push === "allow" };
  return {
    get own() {
      look();
      return own;
    },
    upstream(domain) {
      look();
      return described(map.namespace(domain));
    },
    upstreamOf(repository) {
      look();
      return described(map.place(repository)?.upstream);
    },
  };
}

/** Lower case, each once. */
export function ownHosts(config: Pick<Config, "listen" | "tls" | "external_url" | "engine">): string[] {
  const { external_url, engine } = config;
  const hosts = config.listen.flatMap((address) => {
    const isTls = config.tls !== undefined && address.plain !== true;
    return namesOf(address).flatMap((name) => withPort(name, address.port, isTls));
  });
  if (external_url !== undefined) {
    const { hostname, port, protocol } = new URL(external_url);
    const usual = protocol === "https:" ? 443 : 80;
    hosts.push(...withPort(hostname, port === "" ? usual : Number(port), protocol === "https:"));
  }
  return [...new Set([...hosts, ...engine.registry_names].map((host) => host.toLowerCase()))];
}

function namesOf({ host }: ListenAddress): string[] {
  if (everywhere.has(host)) return loopback;
  const written = host.includes(":") ? `[${host}]` : host;
  return host === "localhost" || host === "::1" || host.startsWith("127.")
    ? [written, ...loopback]
    : [written];
}

/** Without its port, too, where that is the scheme's own. */
function withPort(name: string, port: number, isTls: boolean): string[] {
  const full = `${name}:${port}`;
  return port === (isTls ? 443 : 80) ? [full, name] : [full];
}
