import assert from "node:assert/strict";
import { stringify } from "yaml";
import type { UpstreamConfig } from "#config/config.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { startBerth, type PartialConfig, type TestBerth } from "../harness/berth.ts";
import { registryClient, type RegistryClient } from "../harness/registry-client.ts";

/** An item of `upstreams` as the schema fills it in; an upstream that doesn't answer is waited for 10 s. */
export function upstreamItem(
  item: Pick<UpstreamConfig, "name" | "url"> & Partial<UpstreamConfig>,
): UpstreamConfig {
  const { name, url } = item;
  const [filled] = defaultConfig("/nowhere", stringify({ upstreams: [{ name, url }] })).upstreams;
  assert.ok(filled);
  return { ...filled, aliases: [], timeout: 10_000, ...item };
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
