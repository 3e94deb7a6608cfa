import type { UpstreamConfig } from "#config/config.ts";
import { startBerth, type PartialConfig, type TestBerth } from "../harness/berth.ts";
import { registryClient, type RegistryClient } from "../harness/registry-client.ts";

/** An item of `upstreams` as the schema would fill it in. */
export function upstreamItem(
  item: Pick<UpstreamConfig, "name" | "url"> & Partial<UpstreamConfig>,
): UpstreamConfig {
  return {
    aliases: [],
    username: undefined,
    password: undefined,
    password_file: undefined,
    token: undefined,
    token_file: undefined,
    docker_config: undefined,
    realms: [],
    ca: undefined,
    proxy: undefined,
    no_proxy: [],
    allow_addresses: [],
    ttl: 300_000,
    missing_ttl: 30_000,
    gone: "keep",
    offline: false,
    allow: ["**"],
    deny: [],
    push: "deny",
    mirror_listen: [],
    mirror_hosts: [],
    platforms: [],
    rate: { requests: undefined, concurrent: 64 },
    timeout: 10_000,
    max_blob: 1024 ** 4,
    max_bytes: undefined,
    pinned: [],
    ...item,
  };
}

export interface TestCache extends AsyncDisposable {
  berth: TestBerth;
  client: RegistryClient;
}

/** Berth with one upstream that is called docker.io. */
export async function startCache(
  upstream: { url: string },
  item: Partial<UpstreamConfig> = {},
  config: PartialConfig = {},
): Promise<TestCache> {
  const berth = await startBerth({
    ...config,
    upstreams: [upstreamItem({ name: "docker.io", url: upstream.url, ...item })],
  });
  return {
    berth,
    client: registryClient(berth.url),
    [Symbol.asyncDispose]: () => berth[Symbol.asyncDispose](),
  };
}
