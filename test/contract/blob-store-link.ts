import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import type { BlobStore, LinkRequest, Location } from "#core/blob-store.ts";
import { digestOf } from "#oci/digest.ts";
import { rejects } from "./blob-store-checks.ts";

const request: LinkRequest = { method: "GET", range: undefined, ttl: 60_000 };

/** What every implementation of BlobStore promises of `link`; the rest is in blob-store.ts. */
export function blobStoreLinkContract(
  name: string,
  open: () => Promise<{ store: BlobStore; close(): Promise<void> }>,
): void {
  test(`${name}: a link is nothing, or a place that holds for each request of this blob alone`, async () => {
    const { store, close } = await open();
    try {
      const bytes = randomBytes(100);
      const digest = digestOf("sha256", bytes);
      const one = await store.link(await store.put(digest, bytes), request);
      const other = await store.link(await store.put(digest, bytes), { ...request, range: "bytes=0-9" });
      if (one === undefined || other === undefined) return assert.equal(one, other);
      if (one.kind === "url") {
        assert.ok(other.kind === "url");
        assert.notEqual(new URL(one.url).pathname, new URL(other.url).pathname);
        const answer = await fetch(one.url);
        assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes);
        return;
      }
      assert.ok(other.kind === "file");
      assert.notEqual(one.path, other.path);
      assert.doesNotMatch(one.path, /^\/|\/$|\/\/|(^|\/)\.\.?(\/|$)/);
    } finally {
      await close();
    }
  });

  test(`${name}: there is no link to a location that the store never gave out`, async () => {
    const { store, close } = await open();
    try {
      for (const text of ["", "..", "../x", "/etc/passwd", "a\0b", "sha256/ab/../../x", "%2e%2e"])
        await rejects(store.link(text as Location, request), "blob-damaged");
    } finally {
      await close();
    }
  });
}
