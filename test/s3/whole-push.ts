import {
  digestOf,
  expectStatus,
  freshBytes,
  oci,
  withQuery,
  type Content,
  type ManifestContent,
  type RegistryClient,
  type Response,
} from "../harness/registry-client.ts";

/** Parts' size for these images: a server and a store that take so small ones make many pushes quick. */
export const partSize = 256 * 1024;

/** An image whose blobs are pushed in three ways: in one request, as a stream, in chunks. */
export interface WholeImage {
  manifest: ManifestContent;
  small: Content;
  /** Above a part's size, as the next. */
  large: Content;
  chunked: Content;
}

export function wholeImage(): WholeImage {
  const [small, large, chunked] = [1000, partSize + 50_000, partSize + 60_000].map((size) => {
    const bytes = freshBytes(size);
    return { bytes, digest: digestOf(bytes) };
  });
  if (small === undefined || large === undefined || chunked === undefined) throw new Error("three blobs");
  const manifest = oci.image({ config: small.bytes, layers: [large.bytes, chunked.bytes] });
  return { manifest, small, large, chunked };
}

/** How far a push came. */
export interface Pushed {
  /** What was answered with 201. */
  acknowledged: Content[];
  tagged: boolean;
  /** The answer that ended it, and the upload that was under way. */
  refused?: { answer: Response; upload: { session: string; blob: Content } | undefined };
}

/** Pushes the image until the first request that isn't answered as it should be. */
export async function pushWhole(
  client: RegistryClient,
  repo: string,
  { manifest, small, large, chunked }: WholeImage,
): Promise<Pushed> {
  const acknowledged: Content[] = [];
  let upload: { session: string; blob: Content } | undefined;
  const step = async (status: number, answer: Promise<Response>) => {
    const got = await answer;
    if (got.status >= 500) throw new Refused(got);
    expectStatus(got, status);
    return got;
  };
  const send = (method: string, path: string, body?: Uint8Array, start?: number) =>
    client.request(method, path, {
      ...(body === undefined ? {} : { body }),
      headers:
        body === undefined || start === undefined
          ? {}
          : { "content-range": `${start}-${start + body.length - 1}` },
    });
  const begin = async (blob: Content) => {
    const answer = await step(202, send("POST", `/v2/${repo}/blobs/uploads/`));
    upload = { session: client.pathOf(answer), blob };
    return upload.session;
  };
  const finish = async (session: string, blob: Content, body?: Uint8Array) => {
    await step(201, send("PUT", withQuery(session, `digest=${blob.digest}`), body));
    acknowledged.push(blob);
    upload = undefined;
  };
  try {
    await step(201, send("POST", `/v2/${repo}/blobs/uploads/?digest=${small.digest}`, small.bytes));
    acknowledged.push(small);
    const streamed = await begin(large);
    await step(202, send("PATCH", streamed, large.bytes));
    await finish(streamed, large);
    const session = await begin(chunked);
    const [first, second] = [30_000, chunked.bytes.length - 20_000];
    await step(202, send("PATCH", session, chunked.bytes.subarray(0, first), 0));
    await step(202, send("PATCH", session, chunked.bytes.subarray(first, second), first));
    await finish(session, chunked, chunked.bytes.subarray(second));
    await step(201, client.putManifest(repo, "v1", manifest.bytes, manifest.mediaType));
    return { acknowledged, tagged: true };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { acknowledged, tagged: false, refused: { answer: error.answer, upload } };
  }
}

class Refused extends Error {
  readonly answer: Response;
  constructor(answer: Response) {
    super("refused");
    this.answer = answer;
  }
}
