import type { Upstream } from "#core/upstream.ts";
import type { Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { lengthSaid, rangeSaid } from "./answer-headers.ts";
import type { Ask } from "./ask.ts";
import { wrong } from "./status-fault.ts";

/** `blobSize` and `blob` of an upstream. */
export function createBlobs(ask: Ask): Pick<Upstream, "blobSize" | "blob"> {
  const question = (repository: RepositoryName, digest: Digest) => ({
    repository,
    path: `/v2/${repository}/blobs/${digest}`,
    what: `the blob ${digest} of ${repository}`,
  });

  return {
    async blobSize(repository, digest, signal) {
      await using answer = await ask({
        ...question(repository, digest),
        method: "HEAD",
        // Some have no HEAD; and a link to elsewhere may be signed for GET alone.
        good: (status, own) =>
          status === 200 || [405, 501].includes(status) || (!own && [400, 403].includes(status)),
        signal,
      });
      return answer.status === 200 ? lengthSaid(answer.headers) : undefined;
    },

    async blob(repository, digest, from, signal) {
      const answer = await ask({
        ...question(repository, digest),
        method: "GET",
        ...(from === 0 ? {} : { headers: { range: `bytes=${from}-` } }),
        good: (status) => status === 200 || (from > 0 && status === 206),
        signal,
      });
      const { status, headers, body, asked } = answer;
      if (status === 200) return { from: 0, size: lengthSaid(headers), body };
      const range = rangeSaid(headers);
      if (range?.first !== from) {
        await answer[Symbol.asyncDispose]();
        throw wrong(asked, `asked for its bytes from ${from} on, it sends others`);
      }
      return { from, size: range.size, body };
    },
  };
}
