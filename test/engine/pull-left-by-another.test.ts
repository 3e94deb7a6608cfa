import assert from "node:assert/strict";
import { test } from "node:test";
import type { Content } from "#core/engine/content.ts";
import type { LayerId, LayerRecord, Snapshots } from "#core/engine/snapshots.ts";
import { createLayers } from "#engine/images/layers.ts";
import { openBytes } from "#engine/registries/open-bytes.ts";
import { digestOf } from "#oci/digest.ts";

const bytes = new TextEncoder().encode("a layer");
const diffId = digestOf("sha256", bytes);
const blob = { mediaType: "application/vnd.oci.image.layer.v1.tar", digest: diffId, size: bytes.length };

test("of two pulls that unpack the same layer one may leave: the other unpacks it itself", async () => {
  const begun: { signal: AbortSignal | undefined; end(): void }[] = [];
  const unpack: Snapshots["unpack"] = (_diffId, _below, _body, _compression, signal) =>
    new Promise<LayerRecord>((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason as Error));
      begun.push({ signal, end: () => resolve({ id: "abc" as LayerId, diffId, size: 1 }) });
    });
  const shelf = { all: async () => [], put: async () => undefined, remove: async () => undefined };
  const content = { open: async () => openBytes(bytes) };
  const layers = createLayers(
    shelf,
    { unpack } as unknown as Snapshots,
    content as unknown as Content,
    Date.now,
  );
  const first = new AbortController();
  const one = layers.unpack([diffId], [blob], { signal: first.signal });
  const other = layers.unpack([diffId], [blob], { signal: new AbortController().signal });
  const left = assert.rejects(one, { name: "AbortError" });
  for (let turns = 0; begun.length < 1 && turns < 100; turns++) await new Promise(setImmediate);
  first.abort();
  await left;
  for (let turns = 0; begun.length < 2 && turns < 100; turns++) await new Promise(setImmediate);
  begun[1]?.end();
  assert.deepEqual(
    (await other).map(({ id }) => id),
    ["abc"],
  );
});
