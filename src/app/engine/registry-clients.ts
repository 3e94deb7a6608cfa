/** How other registries, and the running one of this configuration, are asked over HTTP (engine/registries/parts.ts Remotes). */
import { createPushTarget } from "#adapters/upstream-http/create-push-target.ts";
import { createUpstream } from "#adapters/upstream-http/create-upstream.ts";
import type { UpstreamCredentials, UpstreamParts } from "#adapters/upstream-http/upstream-parts.ts";
import type { Config } from "#config/config.ts";
import { knownUrl } from "#config/known-registries.ts";
import type { RegistryCredentials } from "#core/engine/registries.ts";
import { AppError } from "#core/errors.ts";
import type { Live } from "#core/live.ts";
import type { PushTarget } from "#core/push-target.ts";
import type { Upstream } from "#core/upstream.ts";
import type { Remote, Remotes } from "#engine/registries/parts.ts";
import { createBoundedMap } from "#kit/bounded-map.ts";
import { createUpstreamMap } from "#pull-through/upstream-map.ts";
import { readUpstreamCa } from "../upstreams/upstream-ca.ts";
import { dockerCas } from "./docker-cas.ts";
import { isInsecure } from "./is-insecure.ts";
import { ownAddress } from "./own-address.ts";
import type { RegistryLink } from "./registry-link.ts";

/** ms of silence. */
const timeout = 30_000;
/** ms for a look whether a registry has TLS. */
const lookFor = 5_000;
const looksKept = 1_000;
/** Whoever may use the engine may be root on this machine: every address may be dialled, as docker does. */
const anywhere = ["0.0.0.0/0", "::/0"];

type Way = Pick<UpstreamParts, "url"> &
  Partial<Pick<UpstreamParts, "ca" | "insecure" | "proxy" | "no_proxy" | "timeout" | "lookup">>;

export function createRegistryClients(config: Live<Config>, link: Pick<RegistryLink, "isServed">): Remotes {
  /** How an insecure registry answered last. */
  const ways = createBoundedMap<string, Way>(looksKept);

  async function wayTo(domain: string): Promise<Way> {
    const item = upstreamOf(config.current, domain);
    if (item !== undefined) {
      const { url, proxy, no_proxy } = item;
      return { url, proxy, no_proxy, ca: readUpstreamCa(item), timeout: item.timeout };
    }
    if (!isInsecure(domain, config.current.engine.insecure_registries))
      return { url: knownUrl(domain) ?? `https://${domain}`, ca: await dockerCas(domain) };
    const known = ways.get(domain);
    if (known !== undefined) return known;
    const way = await insecureWay(domain);
    if (way.found) ways.set(domain, way);
    return way;
  }

  return {
    open: async (domain, credentials) => remote(domain, await wayTo(domain), credentials),

    async openOwn(credentials) {
      if ((await link.isServed()) === false) return undefined;
      const way = await ownAddress(config.current);
      return way && remote("this registry", way, credentials);
    },
  };
}

/** http, unless only https answers. */
async function insecureWay(domain: string): Promise<Way & { found: boolean }> {
  const http = { url: `http://${domain}` };
  const https = { url: `https://${domain}`, insecure: true };
  for (const way of [http, https]) {
    await using client = remote(domain, way, undefined);
    try {
      await client.source.check(AbortSignal.timeout(lookFor));
      return { ...way, found: true };
    } catch (error) {
      if (error instanceof AppError && error.code === "upstream-refused") return { ...way, found: true };
      const { cause } = error as { cause?: unknown };
      if (cause instanceof Error && cause.message.startsWith("ECONNREFUSED")) break;
    }
  }
  return { ...http, found: false };
}

function upstreamOf({ upstreams }: Config, domain: string) {
  const name = createUpstreamMap(upstreams).namespace(domain)?.name;
  return upstreams.find((item) => item.name === name);
}

function remote(name: string, way: Way, credentials: RegistryCredentials | undefined): Remote {
  const { proxy, no_proxy = [], ca } = way;
  const sent = credentialsOf(credentials);
  const parts: UpstreamParts = {
    ...{ timeout, ...way, name, proxy, no_proxy, ca },
    credentials: () => Promise.resolve(sent),
    realms: "any",
    allow_addresses: anywhere,
    rate: { requests: undefined, concurrent: 8 },
    userAgent: "berth",
  };
  let source: (Upstream & AsyncDisposable) | undefined;
  let target: (PushTarget & AsyncDisposable) | undefined;
  return {
    url: way.url,
    get source() {
      return (source ??= createUpstream(parts));
    },
    get target() {
      return (target ??= createPushTarget(parts));
    },
    async [Symbol.asyncDispose]() {
      await source?.[Symbol.asyncDispose]();
      await target?.[Symbol.asyncDispose]();
    },
  };
}

function credentialsOf(credentials: RegistryCredentials | undefined): UpstreamCredentials | undefined {
  const { username = "", password = "", identityToken = "" } = credentials ?? {};
  if (identityToken !== "") return { identityToken };
  return username === "" ? undefined : { username, password };
}
