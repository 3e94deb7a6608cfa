import { join } from "node:path";
import { needs } from "../clients/needs.ts";
import { startBerth, type PartialConfig, type TestBerth } from "../harness/berth.ts";
import { makeAuthority } from "../harness/certificates.ts";
import { registryClient, type RegistryClient } from "../harness/registry-client.ts";
import { proxyAddress, startNginx, type Nginx } from "./nginx.ts";

/** Options of a test: it is skipped, saying why, where nginx or openssl is missing. */
export const withNginx = needs("nginx", "openssl");

export interface BehindNginx extends AsyncDisposable {
  berth: TestBerth;
  nginx: Nginx;
  ca: string;
  /** Through nginx. */
  client: RegistryClient;
  /** Straight to Berth, from an address that isn't trusted. */
  direct: RegistryClient;
}

/** Berth behind a real nginx, handing blobs over unless told otherwise. */
export async function startBehindNginx(config: PartialConfig = {}, accel = true): Promise<BehindNginx> {
  const stack = new AsyncDisposableStack();
  try {
    const authority = stack.use(makeAuthority());
    const { disk = {} } = config.storage ?? {};
    const berth = stack.use(
      await startBerth({
        ...config,
        trusted_proxies: [proxyAddress],
        storage: {
          ...config.storage,
          disk: { ...disk, ...(accel && { x_accel_redirect: "/berth-blobs/" }) },
        },
      }),
    );
    const blobs = join(berth.data, "storage", "blobs");
    const nginx = stack.use(await startNginx(berth.url, blobs, authority.issue("registry")));
    const { ca } = authority;
    return {
      berth,
      nginx,
      ca,
      client: registryClient(nginx.url, { ca }),
      direct: registryClient(berth.url),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
