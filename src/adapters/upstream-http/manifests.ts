import type { Upstream } from "#core/upstream.ts";
import type { Digest } from "#oci/digest.ts";
import {
  dockerList,
  dockerManifest,
  dockerSchema1,
  dockerSchema1Signed,
  isIndexType,
  isManifestType,
  ociIndex,
  ociManifest,
} from "#oci/media-type.ts";
import type { RepositoryName, Tag } from "#oci/reference.ts";
import { digestSaid, lengthSaid, typeSaid } from "./answer-headers.ts";
import type { Ask } from "./ask.ts";
import { readWhole } from "./read-whole.ts";
import { wrong } from "./status-fault.ts";

/** Without schema 1 and without a wildcard: some registries would convert to the one, or answer anything to the other. */
const accept = [ociIndex, dockerList, ociManifest, dockerManifest].join(", ");

/** `head` and `manifest` of an upstream. */
export function createManifests(ask: Ask): Pick<Upstream, "head" | "manifest"> {
  function question(repository: RepositoryName, reference: Tag | Digest, known: Digest | undefined) {
    return {
      repository,
      path: `/v2/${repository}/manifests/${reference}`,
      what: `${repository}${reference.includes(":") ? "@" : ":"}${reference}`,
      headers: { accept, ...(known === undefined ? {} : { "if-none-match": `"${known}"` }) },
    };
  }
  const unchanged = (known: Digest | undefined, status: number) => known !== undefined && status === 304;

  return {
    async head(repository, reference, known, signal) {
      await using answer = await ask({
        ...question(repository, reference, known),
        method: "HEAD",
        // Some have no HEAD.
        good: (status) => [200, 405, 501].includes(status) || unchanged(known, status),
        signal,
      });
      const { status, headers, asked } = answer;
      if (status === 304) return "unchanged";
      if (status !== 200) return { digest: undefined, mediaType: undefined, size: undefined };
      const mediaType = typeSaid(headers);
      if (mediaType === "text/html") throw wrong(asked, "it is a web page");
      return { digest: digestSaid(headers), mediaType, size: lengthSaid(headers) };
    },

    async manifest(repository, reference, known, limit, signal) {
      await using answer = await ask({
        ...question(repository, reference, known),
        method: "GET",
        good: (status) => status === 200 || unchanged(known, status),
        signal,
      });
      const { status, headers, asked } = answer;
      if (status === 304) return "unchanged";
      const tooLong = () =>
        wrong(asked, `it is longer than ${limit} bytes, the most a manifest may have here`);
      if ((lengthSaid(headers) ?? 0) > limit) throw tooLong();
      const bytes = await readWhole(answer.body, limit);
      if (bytes === undefined) throw tooLong();
      const mediaType = typeSaid(headers);
      if (!isKnown(mediaType) && !/^\s*\{/.test(bytes.toString("latin1", 0, 256)))
        throw wrong(asked, mediaType === "text/html" ? "it is a web page" : "it is no manifest");
      return { bytes, mediaType, digest: digestSaid(headers) };
    },
  };
}

function isKnown(mediaType: string | undefined): boolean {
  if (mediaType === undefined) return false;
  const old = mediaType === dockerSchema1 || mediaType === dockerSchema1Signed;
  return old || isIndexType(mediaType) || isManifestType(mediaType);
}
