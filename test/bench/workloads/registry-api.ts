import { createHash } from "node:crypto";
import type { RunningServer } from "../servers/server.ts";

export const manifestType = "application/vnd.oci.image.manifest.v1+json";

/** Longest answer to one request while things are prepared, ms. */
const limit = 120_000;

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** A request whose answer must have one of the statuses; else the status and the body are the error. */
export async function ask(
  running: RunningServer,
  method: string,
  target: string,
  statuses: readonly number[],
  body?: { type: string; bytes: Buffer },
): Promise<{ headers: Headers; body: Buffer }> {
  const response = await fetch(new URL(target, originOf(running)), {
    method,
    redirect: "error",
    signal: AbortSignal.timeout(limit),
    headers: {
      ...(body === undefined ? { Accept: `${manifestType}, */*` } : { "Content-Type": body.type }),
      ...(running.authorization === undefined ? {} : { Authorization: running.authorization }),
    },
    ...(body === undefined ? {} : { body: new Uint8Array(body.bytes) }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (!statuses.includes(response.status)) {
    throw new Error(`${method} ${target} answered ${response.status}: ${bytes.toString("utf8", 0, 1000)}`);
  }
  return { headers: response.headers, body: bytes };
}

/** Pushes a blob (or plants it, where files are all there is) and returns its digest. */
export async function seedBlob(running: RunningServer, repository: string, bytes: Buffer): Promise<string> {
  const digest = digestOf(bytes);
  if (running.plantBlob !== undefined) {
    await running.plantBlob(repository, digest, bytes);
    return digest;
  }
  const begun = await ask(running, "POST", `/v2/${repository}/blobs/uploads/`, [202]);
  const location = begun.headers.get("location");
  if (location === null) throw new Error("POST of an upload answered without Location");
  const target = new URL(location, originOf(running));
  target.searchParams.set("digest", digest);
  const put = target.pathname + target.search;
  await ask(running, "PUT", put, [201], { type: "application/octet-stream", bytes });
  return digest;
}

/** Pushes an image with small layers; returns the manifest's digest and bytes. */
export async function seedImage(
  running: RunningServer,
  repository: string,
  tag: string,
): Promise<{ digest: string; bytes: Buffer }> {
  const config = Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", config: {}, rootfs: {} }));
  const layers = Array.from({ length: 6 }, (_, i) => Buffer.alloc(1024, `layer ${i} of ${repository}\n`));
  const describe = async (mediaType: string, bytes: Buffer) => ({
    mediaType,
    digest: await seedBlob(running, repository, bytes),
    size: bytes.length,
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: await describe("application/vnd.oci.image.config.v1+json", config),
    layers: [] as unknown[],
  };
  for (const layer of layers) {
    manifest.layers.push(await describe("application/vnd.oci.image.layer.v1.tar", layer));
  }
  const bytes = Buffer.from(JSON.stringify(manifest));
  await ask(running, "PUT", `/v2/${repository}/manifests/${tag}`, [201], { type: manifestType, bytes });
  return { digest: digestOf(bytes), bytes };
}

function originOf(running: RunningServer): string {
  return `http://${running.host}:${running.port}`;
}
