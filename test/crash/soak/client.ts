import assert from "node:assert/strict";
import { createHash, randomInt } from "node:crypto";
import {
  expectStatus,
  oci,
  type ManifestContent,
  type RegistryClient,
} from "../../harness/registry-client.ts";
import { bytesOf, newLayer, type createPool, type Layer } from "./layers.ts";

/** What a client knows of a tag: what was acknowledged, or all that it may be after a broken connection. */
type Known = string | undefined | Set<string | undefined>;

export interface SoakClient {
  repo: string;
  /** Does one thing at random. Rejects with an AssertionError when the registry did wrong, else with a broken connection. */
  step(client: RegistryClient): Promise<void>;
  /** Reads all that must be there, byte for byte. */
  check(client: RegistryClient): Promise<{ tags: number; blobs: number }>;
  done: Record<string, number>;
}

const tags = 8;

/** One client with a repository of its own, so that it knows what must be there. */
export function createSoakClient(number: number, pool: ReturnType<typeof createPool>): SoakClient {
  const repo = `soak/c${number}`;
  const known = new Map<string, Known>();
  const manifests = new Map<string, ManifestContent>();
  const done: Record<string, number> = {};
  const count = (what: string) => (done[what] = (done[what] ?? 0) + 1);
  const path = (kind: string, reference: string, of = repo) => `/v2/${of}/${kind}/${reference}`;

  /** What the tag names now, asked where nobody knows. */
  async function settled(client: RegistryClient, tag: string): Promise<string | undefined> {
    const now = known.get(tag);
    if (!(now instanceof Set)) return now;
    const { status, headers } = await client.head(path("manifests", tag));
    assert.ok(status === 200 || status === 404, `HEAD of ${repo}:${tag} gave ${status}`);
    const digest = status === 404 ? undefined : (headers.get("docker-content-digest") ?? "");
    assert.ok(now.has(digest), `${repo}:${tag} is ${digest}, and may only be ${[...now].join(" or ")}`);
    known.set(tag, digest);
    return digest;
  }

  /** While a change is under way the tag may be what it was, or what it becomes. */
  async function changing(tag: string, to: string | undefined, change: () => Promise<void>): Promise<void> {
    const was = known.get(tag);
    const before = was instanceof Set ? [...was] : [was];
    known.set(tag, new Set([...before, to]));
    await change();
    known.set(tag, to);
  }

  /** As docker does it: HEAD, else mount, else upload. */
  async function bring(client: RegistryClient, layer: Layer, from: string | undefined): Promise<void> {
    const { status } = await client.head(path("blobs", layer.digest));
    if (status === 200) return void count("skipped");
    assert.equal(status, 404);
    if (from !== undefined && from !== repo) {
      const query = `?mount=${layer.digest}&from=${from}`;
      const answer = await client.request("POST", `/v2/${repo}/blobs/uploads/${query}`);
      if (answer.status === 201) return void count("mounted");
      expectStatus(answer, 202);
    }
    const how = (["post-put", "post", "patch", "chunked"] as const)[randomInt(4)];
    await client.pushBlob(bytesOf(layer), { repo, ...(how && { how }) });
    pool.add(layer, repo);
    count("uploaded");
  }

  async function push(client: RegistryClient, tag: string): Promise<void> {
    const layers: Layer[] = [];
    for (let left = 1 + randomInt(3); left > 0; left--) {
      const shared = randomInt(2) === 0 ? pool.any() : undefined;
      const layer = shared?.layer ?? newLayer();
      await bring(client, layer, shared?.repo);
      layers.push(layer);
    }
    const named = layers.map(({ digest, size }) => ({
      ...{ mediaType: "application/vnd.oci.image.layer.v1.tar", digest, size },
    }));
    const image = oci.image({ config: Buffer.from(`{"soak":${randomInt(2 ** 40)}}`), layers: named });
    for (const blob of image.blobs) await client.pushBlob(blob.bytes, { repo });
    manifests.set(image.digest, image);
    await changing(tag, image.digest, async () =>
      expectStatus(await client.putManifest(repo, tag, image.bytes, image.mediaType), 201),
    );
    count("pushed");
  }

  async function retag(client: RegistryClient, from: string, to: string): Promise<void> {
    const digest = await settled(client, from);
    const image = digest === undefined ? undefined : manifests.get(digest);
    if (image === undefined) return push(client, to);
    await changing(to, image.digest, async () =>
      expectStatus(await client.putManifest(repo, to, image.bytes, image.mediaType), 201),
    );
    count("retagged");
  }

  async function removeTag(client: RegistryClient, tag: string): Promise<void> {
    const there = (await settled(client, tag)) !== undefined;
    await changing(tag, undefined, async () =>
      expectStatus(await client.remove(path("manifests", tag)), there ? 202 : 404),
    );
    count("untagged");
  }

  /** Takes all its tags along. */
  async function removeManifest(client: RegistryClient, tag: string): Promise<void> {
    const digest = await settled(client, tag);
    if (digest === undefined) return;
    const with_: string[] = [];
    for (const other of known.keys()) if ((await settled(client, other)) === digest) with_.push(other);
    for (const each of with_) known.set(each, new Set([digest, undefined]));
    expectStatus(await client.remove(path("manifests", digest)), 202);
    for (const each of with_) known.set(each, undefined);
    count("deleted");
  }

  /** Follows the way into a bucket. */
  async function read(client: RegistryClient, digest: string): Promise<{ status: number; body: Uint8Array }> {
    const { status, headers, body } = await client.get(path("blobs", digest));
    if (status !== 307) return { status, body };
    const answer = await fetch(headers.get("location") ?? "");
    return { status: answer.status, body: await answer.bytes() };
  }

  async function pull(client: RegistryClient, tag: string): Promise<number> {
    const digest = await settled(client, tag);
    const answer = await client.get(path("manifests", tag));
    if (digest === undefined) {
      assert.equal(answer.status, 404, `${repo}:${tag} was deleted and is back`);
      return 0;
    }
    expectStatus(answer, 200);
    assert.equal(answer.headers.get("docker-content-digest"), digest, `${repo}:${tag}`);
    const { config, layers } = JSON.parse(answer.body.toString()) as Record<"config", Layer> &
      Record<"layers", Layer[]>;
    for (const blob of [config, ...layers]) {
      const { status, body } = await read(client, blob.digest);
      assert.equal(status, 200, `${blob.digest} of ${repo}:${tag} is gone`);
      assert.equal(`sha256:${createHash("sha256").update(body).digest("hex")}`, blob.digest);
    }
    count("pulled");
    return 1 + layers.length;
  }

  return {
    repo,
    done,
    async step(client) {
      const tag = `t${randomInt(tags)}`;
      const dice = randomInt(100);
      if (dice < 45) await push(client, tag);
      else if (dice < 60) await retag(client, `t${randomInt(tags)}`, tag);
      else if (dice < 70) await removeTag(client, tag);
      else if (dice < 78) await removeManifest(client, tag);
      else await pull(client, tag);
    },
    async check(client) {
      const found = { tags: 0, blobs: 0 };
      for (const tag of known.keys()) {
        const blobs = await pull(client, tag);
        found.tags += blobs > 0 ? 1 : 0;
        found.blobs += blobs;
      }
      return found;
    },
  };
}
