import type { Fault, Origin } from "./fault.ts";
import { cacheFaults } from "./cache-schema.ts";
import { engineFaults } from "./engine-rule.ts";
import { formatListenAddress } from "./listen-address.ts";
import { loopbackFault } from "./loopback-rule.ts";
import { outsideFaults } from "./outside-rule.ts";
import { pathText } from "./place.ts";
import { s3Faults, s3Schema } from "./s3-schema.ts";
import { schema } from "./schema.ts";
import { signingKeyFaults } from "./signing-keys-rule.ts";
import { storesFault, storesOf, storesSchema } from "./stores-rule.ts";
import { mirrorFaults, upstreamFaults, type UpstreamFault } from "./upstreams-rule.ts";

/** Where a key was written. @param inside path below it, for the line of what is inside */
export type OriginOf = (key: string, inside?: readonly PropertyKey[]) => Origin;

/** Rules between keys; each is checked when its own keys are readable, whatever is wrong with others. */
export function ruleFaults(tree: Record<string, unknown>, origin: OriginOf): Fault[] {
  const faults: Fault[] = [];
  const listening = schema
    .pick({ listen: true, auth: true })
    .safeParse({ listen: tree.listen, auth: tree.auth });
  if (listening.success) {
    const { listen, auth } = listening.data;
    const add = (message: string) => faults.push({ key: "listen", message, origin: origin("listen") });
    const addresses = listen.map(formatListenAddress);
    if (addresses.length === 0) add("has no address; write such as 127.0.0.1:5000");
    for (const [index, address] of addresses.entries()) {
      const again = listen[index]?.port !== 0 && addresses.indexOf(address) < index;
      if (again) add(`${address} stands there twice`);
    }
    const open = loopbackFault({ listen, auth });
    if (open !== undefined) add(open);
    for (const { key, message } of outsideFaults(auth)) faults.push({ key, message, origin: origin(key) });
  }
  const signing = schema
    .pick({ auth: true, metadata: true })
    .safeParse({ auth: tree.auth, metadata: tree.metadata });
  if (signing.success)
    for (const { key, message } of signingKeyFaults(signing.data))
      faults.push({ key, message, origin: origin(key) });
  const metadata = schema.pick({ metadata: true }).safeParse({ metadata: tree.metadata });
  if (metadata.success && metadata.data.metadata.url !== undefined) {
    const key = "metadata.url_file";
    const message =
      "can't stand together with metadata.url: leave one of the two out, so that it is clear which database it is";
    if (metadata.data.metadata.url_file !== undefined) faults.push({ key, message, origin: origin(key) });
  }
  const engine = schema.pick({ engine: true }).safeParse({ engine: tree.engine });
  if (engine.success)
    for (const { key, message } of engineFaults(engine.data.engine))
      faults.push({ key, message, origin: origin(key) });
  const tls = schema.pick({ tls: true }).safeParse({ tls: tree.tls });
  if (tls.success && tls.data.tls !== undefined) {
    const { client_ca, client_certificates } = tls.data.tls;
    const key = "tls.client_certificates";
    if (client_certificates !== "off" && client_ca === undefined)
      faults.push({
        key,
        message: "needs tls.client_ca: the CA that signs the clients",
        origin: origin(key),
      });
  }
  const storage = (tree.storage ?? {}) as {
    s3?: unknown;
    stores?: unknown;
    disk?: { x_accel_redirect?: unknown };
  };
  const { s3 } = storage;
  const bucket = s3Schema.optional().safeParse(s3);
  if (bucket.success)
    for (const { key, message } of s3Faults(bucket.data)) faults.push({ key, message, origin: origin(key) });
  const accel = storage.disk?.x_accel_redirect;
  const proxies = schema.pick({ trusted_proxies: true }).safeParse({ trusted_proxies: tree.trusted_proxies });
  const key = "storage.disk.x_accel_redirect";
  const add = (message: string) => faults.push({ key, message, origin: origin(key) });
  const stores = storesSchema.safeParse(storage.stores);
  const wrong = stores.success ? storesFault(stores.data, s3) : undefined;
  if (wrong !== undefined)
    faults.push({ key: "storage.stores", message: wrong, origin: origin("storage.stores") });
  if (accel !== undefined && stores.success && !storesOf(stores.data, s3).includes("disk"))
    add("is of no use with storage.s3: clients get blobs from the bucket (storage.s3.redirect)");
  else if (accel !== undefined && proxies.success && proxies.data.trusted_proxies.length === 0)
    add("needs trusted_proxies: only pulls that come through one of them are handed over");
  return [...faults, ...upstreamRuleFaults(tree, origin)];
}

function upstreamRuleFaults(tree: Record<string, unknown>, origin: OriginOf): Fault[] {
  const faults: Fault[] = [];
  const { upstreams, cache, listen, metrics, auth, external_url } = tree;
  const add = ({ inside, message }: UpstreamFault) =>
    faults.push({
      key: pathText(["upstreams", ...inside]),
      message,
      origin: origin("upstreams", inside),
    });
  const own = schema.pick({ upstreams: true }).safeParse({ upstreams });
  if (own.success) {
    upstreamFaults(own.data.upstreams).forEach(add);
    const around = schema
      .pick({ listen: true, metrics: true, auth: true, external_url: true })
      .safeParse({ listen, metrics, auth, external_url });
    if (around.success) mirrorFaults(own.data.upstreams, around.data).forEach(add);
  }
  const limits = schema.pick({ cache: true }).safeParse({ cache });
  if (limits.success)
    for (const { key, message } of cacheFaults(limits.data.cache))
      faults.push({ key, message, origin: origin(key) });
  return faults;
}
