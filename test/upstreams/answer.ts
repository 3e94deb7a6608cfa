import type { OutgoingHttpHeaders } from "node:http";
import { digestOf } from "../harness/registry-content.ts";
import type { SeenRequest } from "./fault.ts";
import type { ContentIndex } from "./served-content.ts";

/** What goes out; a HEAD's body isn't sent, only its length. */
export interface Answer {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Buffer;
}

const octets = "application/octet-stream";
export const missing: Partial<Record<SeenRequest["kind"], string>> = {
  manifest: "MANIFEST_UNKNOWN",
  "head-manifest": "MANIFEST_UNKNOWN",
  blob: "BLOB_UNKNOWN",
  "head-blob": "BLOB_UNKNOWN",
};

export function errorAnswer(status: number, code: string, headers: OutgoingHttpHeaders = {}): Answer {
  const body = Buffer.from(JSON.stringify({ errors: [{ code, message: code.toLowerCase() }] }));
  return { status, headers: { "content-type": "application/json", ...headers }, body };
}

export function jsonAnswer(value: unknown, headers: OutgoingHttpHeaders = {}): Answer {
  return {
    status: 200,
    headers: { "content-type": "application/json", ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}

/** What a good registry says. @param ranges whether it knows Range */
export function goodAnswer(
  request: SeenRequest,
  content: ContentIndex,
  { ranges, pageSize }: { ranges: boolean; pageSize: number },
): Answer {
  const { kind, repository, reference, headers } = request;
  const unknown = errorAnswer(404, missing[kind] ?? "NAME_UNKNOWN");
  const found = content.repository(repository);
  const query = new URL(request.path, "http://upstream").searchParams;
  switch (kind) {
    case "base":
      return jsonAnswer({}, { "docker-distribution-api-version": "registry/2.0" });
    case "head-manifest":
    case "manifest": {
      const manifest = content.manifest(repository, reference);
      if (manifest === undefined) return unknown;
      const { bytes, mediaType, digest } = manifest;
      const said = { "docker-content-digest": digest, etag: `"${digest}"` };
      if (headers["if-none-match"] === `"${digest}"`)
        return { status: 304, headers: said, body: Buffer.alloc(0) };
      return { status: 200, headers: { "content-type": mediaType, ...said }, body: bytes };
    }
    case "head-blob":
    case "blob": {
      const blob = found?.blobs.get(reference);
      return blob === undefined ? unknown : blobAnswer(blob, reference, ranges ? headers.range : undefined);
    }
    case "tags": {
      if (found === undefined) return unknown;
      const all = [...found.tags.keys()].sort();
      const last = query.get("last");
      const rest = last === null ? all : all.filter((tag) => tag > last);
      const tags = rest.slice(0, Math.min(Number(query.get("n") ?? pageSize), pageSize));
      const next = `</v2/${repository}/tags/list?n=${tags.length}&last=${tags.at(-1)}>; rel="next"`;
      return jsonAnswer({ name: repository, tags }, tags.length < rest.length ? { link: next } : {});
    }
    case "referrers": {
      const all = [...(found?.manifests ?? [])].flatMap(([digest, { bytes, mediaType }]) => {
        const { subject, artifactType, annotations } = JSON.parse(bytes.toString()) as Record<string, never>;
        if ((subject as { digest?: string } | undefined)?.digest !== reference) return [];
        return [{ mediaType, digest, size: bytes.length, artifactType, annotations }];
      });
      const from = Number(query.get("from") ?? 0);
      const manifests = all.slice(from, from + pageSize);
      const next = `</v2/${repository}/referrers/${reference}?from=${from + pageSize}>; rel="next"`;
      const type = "application/vnd.oci.image.index.v1+json";
      return jsonAnswer(
        { schemaVersion: 2, mediaType: type, manifests },
        { "content-type": type, ...(from + pageSize < all.length ? { link: next } : {}) },
      );
    }
    case "token":
    case "elsewhere":
      return errorAnswer(404, "NAME_UNKNOWN");
  }
}

function blobAnswer(blob: Buffer, digest: string, range: unknown): Answer {
  const said = { "content-type": octets, "docker-content-digest": digest, "accept-ranges": "bytes" };
  const from =
    typeof range === "string" ? Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? Number.NaN) : Number.NaN;
  if (Number.isNaN(from)) return { status: 200, headers: said, body: blob };
  if (from >= blob.length)
    return errorAnswer(416, "RANGE_INVALID", { "content-range": `bytes */${blob.length}` });
  return {
    status: 206,
    headers: { ...said, "content-range": `bytes ${from}-${blob.length - 1}/${blob.length}` },
    body: blob.subarray(from),
  };
}

export const schema1: Answer = (() => {
  const body = Buffer.from(
    '{"schemaVersion":1,"name":"x","tag":"y","architecture":"amd64","fsLayers":[],"history":[]}',
  );
  return {
    status: 200,
    headers: {
      "content-type": "application/vnd.docker.distribution.manifest.v1+prettyjws",
      "docker-content-digest": digestOf(body),
    },
    body,
  };
})();
