import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { blobPath, type Layout } from "../clients/harness/oci-layout.ts";
import { expectStatus, registryClient, type ManifestContent } from "../harness/registry-client.ts";
import { startFront, type CountingFront } from "./counting-front.ts";

/** A real registry with a counting front, for others to pull through. */
export interface RunningUpstream extends AsyncDisposable {
  /** For messages: `docker-registry 2.8`. */
  label: string;
  /** Of the front. */
  url: string;
  /** `127.0.0.1:PORT` */
  host: string;
  front: CountingFront;
  /** Who may read everything in it; undefined: everybody may. */
  account: Account | undefined;
  /** Pushes past the front, `children` of an index and all blobs first. */
  push(
    repository: string,
    tag: string,
    image: ManifestContent,
    ...children: ManifestContent[]
  ): Promise<void>;
  /** The same with an image that clients can unpack. */
  pushLayout(repository: string, layout: Layout, tag?: string): Promise<void>;
  /** Ends the server, and with it every connection. */
  stop(): Promise<void>;
  /** Starts it again on the same folder; its address stays. */
  start(): Promise<void>;
}

export interface Account {
  name: string;
  secret: string;
}

/** A server behind the front. */
export interface Backend extends AsyncDisposable {
  port: number;
}

/**
 * @param launch starts the server on its folder, told the front's URL. @param account who pushes
 * @param clean removes what it leaves
 */
export async function frontedUpstream(parts: {
  label: string;
  account: Account | undefined;
  launch: (front: string) => Promise<Backend>;
  clean: () => Promise<void>;
}): Promise<RunningUpstream> {
  const { label, account, clean } = parts;
  let backend: Backend | undefined;
  const front = await startFront(() => backend?.port ?? 9);
  const dispose = async () => {
    await front[Symbol.asyncDispose]();
    await backend?.[Symbol.asyncDispose]();
    await clean();
  };
  try {
    backend = await parts.launch(front.url);
  } catch (error) {
    await dispose();
    throw error;
  }
  const client = () => {
    const authorization =
      account && `Basic ${Buffer.from(`${account.name}:${account.secret}`).toString("base64")}`;
    return registryClient(
      `http://127.0.0.1:${backend?.port ?? 9}`,
      {},
      authorization === undefined ? {} : { authorization },
    );
  };
  return {
    label,
    url: front.url,
    host: front.host,
    front,
    account,
    async push(repository, tag, image, ...children) {
      for (const child of children) await client().push(repository, child);
      await client().push(repository, image, tag);
    },
    pushLayout: (repository, layout, tag = layout.tag) => pushLayout(client(), repository, layout, tag),
    async stop() {
      await front.close();
      await backend?.[Symbol.asyncDispose]();
      backend = undefined;
    },
    async start() {
      backend ??= await parts.launch(front.url);
      await front.open();
    },
    [Symbol.asyncDispose]: dispose,
  };
}

interface Named {
  mediaType: string;
  digest: string;
  manifests?: Named[];
}

async function pushLayout(
  client: ReturnType<typeof registryClient>,
  repository: string,
  layout: Layout,
  tag: string,
) {
  const read = (digest: string) => readFile(blobPath(layout.folder, digest));
  const put = async ({ digest, mediaType }: Named, reference: string) =>
    expectStatus(await client.putManifest(repository, reference, await read(digest), mediaType), 201);
  const index = JSON.parse(await readFile(join(layout.folder, "index.json"), "utf8")) as {
    manifests: Named[];
  };
  const [top] = index.manifests;
  if (top === undefined) throw new Error(`${layout.folder} is empty`);
  for (const digest of layout.blobs) {
    if (digest === layout.digest || layout.manifests.includes(digest)) continue;
    await client.pushBlob(await read(digest), { repo: repository });
  }
  if (!layout.manifests.includes(top.digest)) {
    const { manifests = [] } = JSON.parse((await read(top.digest)).toString()) as Partial<Named>;
    for (const child of manifests) await put(child, child.digest);
  }
  await put(top, tag);
}
