import type { PushTarget } from "#core/push-target.ts";
import { AppError } from "#core/errors.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { createAsk, type Answer } from "./ask.ts";
import { createDialling } from "./dialling.ts";
import { createLimiter } from "./limiter.ts";
import { createSignIn } from "./sign-in.ts";
import { wrong } from "./status-fault.ts";
import type { UpstreamParts } from "./upstream-parts.ts";

/** A session that breaks off is begun anew so often. */
const tries = 2;
const octets = "application/octet-stream";

/**
 * A registry that is pushed to over HTTP. As create-upstream.ts, with tokens for both ways; a blob goes as docker sends
 * it: POST a session, PATCH all of it, PUT its digest. Disposing ends every connection.
 */
export function createPushTarget(parts: Omit<UpstreamParts, "scope">): PushTarget & AsyncDisposable {
  const dialling = createDialling(parts);
  const signIn = createSignIn({ ...parts, scope: "push" }, dialling);
  const limiter = createLimiter({ ...parts.rate, patience: parts.timeout });
  const ask = createAsk(parts, { dialling, signIn, limiter });
  const base = new URL(parts.url);

  function nextPlace({ headers, asked }: Pick<Answer, "headers" | "asked">, from: URL): URL {
    const { location } = headers;
    const url =
      location === undefined || !URL.canParse(location, from.href) ? undefined : new URL(location, from);
    if (url?.protocol !== "https:" && (url?.protocol !== "http:" || base.protocol === "https:"))
      throw wrong(asked, "it names no place for the upload");
    url.username = "";
    url.password = "";
    return url;
  }

  async function begin(
    repository: RepositoryName,
    what: string,
    query: string,
    signal: AbortSignal,
  ): Promise<URL | "mounted"> {
    const path = `/v2/${repository}/blobs/uploads/${query}`;
    await using answer = await ask({
      ...{ method: "POST", path, repository, what, signal },
      headers: { "content-length": "0" },
      body: () => "",
      good: (status) => status === 202 || (query !== "" && status === 201),
    });
    return answer.status === 201
      ? "mounted"
      : nextPlace(answer, new URL(parts.url.replace(/\/+$/, "") + path));
  }

  /** A mount that is refused is no reason not to send it. */
  async function session(
    repository: RepositoryName,
    what: string,
    { digest, from }: { digest: Digest; from: RepositoryName | undefined },
    signal: AbortSignal,
  ): Promise<URL | "mounted"> {
    if (from !== undefined) {
      const query = `?${new URLSearchParams({ mount: digest, from }).toString()}`;
      try {
        return await begin(repository, what, query, signal);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
      }
    }
    return begin(repository, what, "", signal);
  }

  async function send(
    repository: RepositoryName,
    what: string,
    place: URL,
    { digest, size }: { digest: Digest; size: number },
    body: () => AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<void> {
    const patched = await ask({
      ...{ method: "PATCH", path: place, repository, what, signal, body },
      headers: { "content-type": octets, "content-length": String(size) },
      good: (status) => status === 202,
    });
    const last = nextPlace(patched, place);
    await patched[Symbol.asyncDispose]();
    last.searchParams.set("digest", digest);
    await using answer = await ask({
      ...{ method: "PUT", path: last, repository, what, signal },
      headers: { "content-type": octets, "content-length": "0" },
      body: () => "",
      good: (status) => status === 201 || status === 204,
    });
    void answer;
  }

  return {
    async hasBlob(repository, digest, signal) {
      let sentElsewhere = false;
      await using answer = await ask({
        ...{ method: "HEAD", path: `/v2/${repository}/blobs/${digest}`, repository, signal },
        what: `the blob ${digest} of ${repository}`,
        good(_, own) {
          sentElsewhere = !own;
          return true;
        },
      });
      // A link to elsewhere may be signed for GET alone.
      return answer.status === 200 || (sentElsewhere && [400, 403].includes(answer.status));
    },

    async upload(repository, blob, body, signal) {
      const what = `the upload of ${blob.digest} to ${repository}`;
      for (let attempt = 1; ; attempt++) {
        try {
          const place = await session(repository, what, blob, signal);
          if (place === "mounted") return "mounted";
          await send(repository, what, place, blob, body, signal);
          return "uploaded";
        } catch (error) {
          const broken = error instanceof AppError && error.code === "upstream-failed";
          if (!broken || attempt === tries || signal.aborted) throw error;
        }
      }
    },

    async putManifest(repository, reference, { mediaType, bytes }, signal) {
      await using answer = await ask({
        ...{ method: "PUT", path: `/v2/${repository}/manifests/${reference}`, repository, signal },
        what: `the manifest ${reference} of ${repository}`,
        headers: { "content-type": mediaType, "content-length": String(bytes.length) },
        body: () => bytes,
        good: (status) => status >= 200 && status < 300,
      });
      void answer;
    },

    [Symbol.asyncDispose]: () => dialling[Symbol.asyncDispose](),
  };
}
