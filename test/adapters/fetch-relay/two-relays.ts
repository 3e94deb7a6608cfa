import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createFetchRelay, homeOf } from "#adapters/fetch-relay/fetch-relay.ts";
import type { FetchedBlob, GrowingBlob, GrowingStart } from "#core/fetch-relay.ts";
import { createGrowth, type Growth } from "#kit/growth.ts";
import { digestOf, type Digest } from "#oci/digest.ts";
import type { RepositoryName } from "#oci/reference.ts";

export const repository = "docker.io/library/busybox" as RepositoryName;

/** A blob whose business the process `slot` is; another one for each `number`. */
export function blobOf(slot: number, slots: number, number = 0): FetchedBlob {
  let found = -1;
  for (let i = 0; ; i++) {
    const digest: Digest = digestOf("sha256", Buffer.from(`${slot} ${i}`));
    if (homeOf(digest, slots) === slot && ++found === number) return { repository, digest };
  }
}

/** A fetch that goes as the test says. */
export interface Fetch extends Growth {
  blob: GrowingBlob;
  begin(start: GrowingStart): void;
  finish(): void;
  break(error: Error): void;
}

export function startFetch(): Fetch {
  const growth = createGrowth();
  const begun = Promise.withResolvers<GrowingStart>();
  const done = Promise.withResolvers<undefined>();
  begun.promise.catch(() => undefined);
  done.promise.catch(() => undefined);
  return Object.assign(growth, {
    blob: {
      begun: begun.promise,
      get readable() {
        return growth.readable;
      },
      more: (beyond: number) => growth.more(beyond),
      done: done.promise,
    },
    begin: (start: GrowingStart) => begun.resolve(start),
    finish() {
      growth.end();
      done.resolve(undefined);
    },
    break(error: Error) {
      begun.reject(error);
      growth.fail(error);
      done.reject(error);
    },
  });
}

export async function tempFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "berth-relay-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** Process 0 follows, process 1 fetches; both are this one, over a real socket. */
export async function twoRelays(t: TestContext, patience?: number) {
  const folder = await tempFolder(t);
  const more = patience === undefined ? {} : { patience };
  const here = await createFetchRelay({ folder, slot: 0, slots: 2, ...more });
  const home = await createFetchRelay({ folder, slot: 1, slots: 2, ...more });
  const fetches = new Map<Digest, Fetch>();
  const asked: FetchedBlob[] = [];
  home.answer((blob) => {
    asked.push(blob);
    const known = fetches.get(blob.digest) ?? startFetch();
    fetches.set(blob.digest, known);
    return known.blob;
  });
  t.after(() => Promise.all([here, home].map((relay) => relay[Symbol.asyncDispose]())));
  return { folder, here, home, fetches, asked };
}
