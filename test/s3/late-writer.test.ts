import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { createAccess, compilePolicy } from "#auth/policy.ts";
import { openSqliteMetadata } from "#adapters/sqlite/open.ts";
import { migrationsFolder } from "#app/open/storage.ts";
import type { BlobStore } from "#core/blob-store.ts";
import { open as caller } from "#core/caller.ts";
import { fixed } from "#core/live.ts";
import { digestOf } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";
import { createUploads } from "#registry/uploads.ts";
import { storeIn } from "../adapters/s3/s3-bucket.ts";
import { assertHolds, bodyOf } from "../contract/blob-store-checks.ts";
import { defaultConfig } from "../harness/default-config.ts";
import { startRgw, withRgw } from "./rgw.ts";

const repository = "team/app" as RepositoryName;
const sizes = { "as a tail": 200_000, "as parts": 6 * 1024 * 1024 };

// Clocks that differ stand for a process that stood still: it doesn't know that its claim is another's by now.
describe("a writer whose turn is over can't change what the other one stored", withRgw, () => {
  for (const [how, size] of Object.entries(sizes))
    test(`${how}: in one request each`, async () => {
      await using place = await twoServers();
      const [one, two] = [Buffer.alloc(size, 1), Buffer.alloc(size, 2)];
      const { id } = await place.late.begin(caller, repository, "sha256");
      const gate = Promise.withResolvers<void>();
      const begun = Promise.withResolvers<void>();
      async function* slowly() {
        yield one.subarray(0, 1000);
        begun.resolve();
        await gate.promise;
        yield one.subarray(1000);
      }
      const first = place.late.finish(
        caller,
        repository,
        id,
        digestOf("sha256", one),
        body(slowly()),
        undefined,
      );
      first.catch(() => undefined);
      await begun.promise;
      const digest = digestOf("sha256", two);
      await place.other.finish(caller, repository, id, digest, body(bodyOf([two])), undefined);
      gate.resolve();
      await assert.rejects(first, { code: "upload-unknown" });
      const facts = await place.repositories.blob(repository, digest);
      assert.ok(facts);
      await assertHolds(place.store, facts.location, two);
    });

  test("its checkpoint isn't taken for the other's: the upload is over, and no blob has mixed bytes", async () => {
    await using place = await twoServers();
    const [one, two] = [Buffer.alloc(200_000, 1), Buffer.alloc(200_000, 2)];
    const { id } = await place.late.begin(caller, repository, "sha256");
    await place.other.append(caller, repository, id, body(bodyOf([two])));
    // As if it had begun before and its checkpoint had come last.
    const session = await place.uploads.find(id);
    assert.ok(session);
    const digests = { before: undefined, after: () => digestOf("sha256", one) };
    await place.store.append(session.handle, 0, bodyOf([one]), { digests });
    const digest = digestOf("sha256", two);
    const finish = (at: typeof place.late) =>
      at.finish(caller, repository, id, digest, body(bodyOf([])), undefined);
    await assert.rejects(finish(place.late), { code: "upload-unknown" });
    await assert.rejects(finish(place.other), { code: "digest-mismatch" });
    assert.equal(await place.repositories.blob(repository, digest), undefined);
  });
});

function body(chunks: AsyncIterable<Uint8Array>) {
  return { chunks, length: undefined, start: undefined };
}

/** One bucket and one database; `other` has a clock that is 20 s ahead. */
async function twoServers() {
  await using parts = new AsyncDisposableStack();
  const rgw = parts.use(await startRgw());
  const folder = await mkdtemp(join(tmpdir(), "berth-late-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const metadata = parts.use(
    await openSqliteMetadata({ path: join(folder, "berth.db"), migrationsDir: migrationsFolder }),
  );
  const { store, bucket } = await storeIn(rgw);
  const { store: its } = await storeIn(rgw, { bucket });
  const access = createAccess(fixed(compilePolicy(defaultConfig(folder).policy)));
  const server = (store: BlobStore, ahead: number) =>
    createUploads({ ...metadata, store, access, clock: () => Date.now() + ahead });
  const opened = parts.move();
  return {
    ...metadata,
    store,
    late: server(store, 0),
    other: server(its, 20_000),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
